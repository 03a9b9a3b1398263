using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Strata.Contracts;

/// <summary>Params of <c>sandbox.workspace_create</c>.</summary>
public sealed record SandboxWorkspaceCreateParams(
    [property: Description("its name; letters, digits, ., _ and -, beginning with a letter or digit")][property: StringLength(64, MinimumLength = 1)] string Workspace,
    [property: Description("most bytes in it; the service's own bound without it, which it cannot exceed")][property: Range(1, 9.2e18)] long? MaxBytes = null,
    [property: Description("most files and directories in it; the same")][property: Range(1, 9.2e18)] long? MaxFiles = null);

/// <summary>Params of <c>sandbox.workspace_delete</c>.</summary>
public sealed record SandboxWorkspaceDeleteParams([property: Description("its name")][property: StringLength(64, MinimumLength = 1)] string Workspace);

/// <summary>One workspace.</summary>
public sealed record SandboxWorkspace(
    [property: Description("its name")] string Workspace,
    [property: Description("when it was made, RFC 3339 UTC")] string Created,
    [property: Description("bytes in it when they were last counted")] long Bytes,
    [property: Description("files and directories in it then")] long Files,
    [property: Description("most bytes in it")] long MaxBytes,
    [property: Description("most files and directories in it")] long MaxFiles,
    [property: Description("what holds it to that: counted (our writes at once, those of programs inside at the next count)")] string EnforcedBy,
    [property: Description("how many sessions have it")] int Sessions,
    [property: Description("whether several may have it at once")] bool Shared);

/// <summary>Result of <c>sandbox.workspace_list</c>.</summary>
public sealed record SandboxWorkspaces([property: Description("the caller's workspaces, by name")] IReadOnlyList<SandboxWorkspace> Workspaces);

/// <summary>Params of <c>sandbox.snapshot</c>.</summary>
public sealed record SandboxSnapshotParams(
    [property: Description("name of the session")][property: StringLength(64, MinimumLength = 1)] string Session,
    [property: Description("its name; letters, digits, ., _ and -, beginning with a letter or digit; without it one is made up")][property: StringLength(64, MinimumLength = 1)] string? Snapshot = null,
    [property: Description("files: what the session changed; memory is refused, for there is no way to keep running processes here")][property: AllowedValues("files", "memory")] string Kind = "files");

/// <summary>One snapshot.</summary>
public sealed record SandboxSnapshot(
    [property: Description("its name")] string Snapshot,
    [property: Description("name of the session it was taken of")] string Session,
    [property: Description("image of that session")] string Image,
    [property: Description("when it was taken, RFC 3339 UTC")] string Created,
    [property: Description("bytes of the files in it; shared with the session where the file system can")] long Bytes,
    [property: Description("files and directories in it")] long Files);

/// <summary>Params of <c>sandbox.snapshots</c>.</summary>
public sealed record SandboxSnapshotsParams([property: Description("only those of this session")][property: StringLength(64, MinimumLength = 1)] string? Session = null);

/// <summary>Result of <c>sandbox.snapshots</c>.</summary>
public sealed record SandboxSnapshots([property: Description("the caller's snapshots, by name")] IReadOnlyList<SandboxSnapshot> Snapshots);

/// <summary>Params of <c>sandbox.snapshot_delete</c>.</summary>
public sealed record SandboxSnapshotDeleteParams([property: Description("its name")][property: StringLength(64, MinimumLength = 1)] string Snapshot);

/// <summary>Params of <c>sandbox.fork</c>.</summary>
public sealed record SandboxForkParams(
    [property: Description("name of the snapshot")][property: StringLength(64, MinimumLength = 1)] string Snapshot,
    [property: Description("name of the new session")][property: StringLength(64, MinimumLength = 1)] string Session);

/// <summary>Params of <c>sandbox.restore</c>.</summary>
public sealed record SandboxRestoreParams(
    [property: Description("name of the session; everything that runs in it ends")][property: StringLength(64, MinimumLength = 1)] string Session,
    [property: Description("name of the snapshot")][property: StringLength(64, MinimumLength = 1)] string Snapshot);
