using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Strata.Contracts;

/// <summary>Params of <c>sandbox.read</c>.</summary>
public sealed record SandboxReadParams(
    [property: Description(SandboxPlaces.Path)][property: StringLength(4096, MinimumLength = 1)] string Path,
    [property: Description(SandboxPlaces.Session)][property: StringLength(64, MinimumLength = 1)] string? Session = null,
    [property: Description(SandboxPlaces.Workspace)][property: StringLength(64, MinimumLength = 1)] string? Workspace = null,
    [property: Description("byte offset")][property: Range(0, 9.2e18)] long Offset = 0,
    [property: Description("most bytes wanted; sandbox.download gives more")][property: Range(0, 524288)] int Size = 65536);

/// <summary>Params of <c>sandbox.write</c>.</summary>
public sealed record SandboxWriteParams(
    [property: Description(SandboxPlaces.Path + "; a link there is replaced itself")][property: StringLength(4096, MinimumLength = 1)] string Path,
    [property: Description(SandboxPlaces.Session)][property: StringLength(64, MinimumLength = 1)] string? Session = null,
    [property: Description(SandboxPlaces.Workspace)][property: StringLength(64, MinimumLength = 1)] string? Workspace = null,
    [property: Description("the whole content, standard base64; or data")] ReadOnlyMemory<byte>? DataB64 = null,
    [property: Description("the whole content as text; or data_b64")][property: StringLength(1048576)] string? Data = null,
    [property: Description("whether it may take the place of what is there")] bool Replace = true,
    [property: Description("also makes the directories that are missing above it")] bool Parents = false,
    [property: Description("permission bits, octal; without them those of the file replaced, or 0644")][property: StringLength(4, MinimumLength = 3)] string? Permissions = null);

/// <summary>Params of <c>sandbox.list_files</c>.</summary>
public sealed record SandboxListFilesParams(
    [property: Description(SandboxPlaces.Path)][property: StringLength(4096, MinimumLength = 1)] string Path = ".",
    [property: Description(SandboxPlaces.Session)][property: StringLength(64, MinimumLength = 1)] string? Session = null,
    [property: Description(SandboxPlaces.Workspace)][property: StringLength(64, MinimumLength = 1)] string? Workspace = null,
    [property: Description("next of the page before, with the same sort; none starts at the beginning")][property: StringLength(512, MinimumLength = 1)] string? Cursor = null,
    [property: Description("entries wanted on this page")][property: Range(1, 4096)] int Limit = 1000,
    [property: Description("none: in the order the file system gives them; name: by the bytes of their names")][property: AllowedValues("none", "name")] string Sort = "none",
    [property: Description("also tells mode and modified")] bool Stat = false);

/// <summary>Params of <c>sandbox.stat</c>.</summary>
public sealed record SandboxStatParams(
    [property: Description(SandboxPlaces.Path)][property: StringLength(4096, MinimumLength = 1)] string Path,
    [property: Description(SandboxPlaces.Session)][property: StringLength(64, MinimumLength = 1)] string? Session = null,
    [property: Description(SandboxPlaces.Workspace)][property: StringLength(64, MinimumLength = 1)] string? Workspace = null);

/// <summary>Params of <c>sandbox.mkdir</c>.</summary>
public sealed record SandboxMkdirParams(
    [property: Description(SandboxPlaces.Path)][property: StringLength(4096, MinimumLength = 1)] string Path,
    [property: Description(SandboxPlaces.Session)][property: StringLength(64, MinimumLength = 1)] string? Session = null,
    [property: Description(SandboxPlaces.Workspace)][property: StringLength(64, MinimumLength = 1)] string? Workspace = null,
    [property: Description("also makes what is missing above it, and takes a directory that is there for made")] bool Parents = false,
    [property: Description("permission bits, octal, cut by the service's umask")][property: StringLength(4, MinimumLength = 3)] string Permissions = "0755");

/// <summary>Params of <c>sandbox.move</c>.</summary>
public sealed record SandboxMoveParams(
    [property: Description("path of what is moved; a link is moved itself")][property: StringLength(4096, MinimumLength = 1)] string From,
    [property: Description("its new path")][property: StringLength(4096, MinimumLength = 1)] string To,
    [property: Description(SandboxPlaces.Session)][property: StringLength(64, MinimumLength = 1)] string? Session = null,
    [property: Description(SandboxPlaces.Workspace)][property: StringLength(64, MinimumLength = 1)] string? Workspace = null,
    [property: Description("whether it may take the place of what is there: a file of a file, a directory of an empty one")] bool Replace = false);

/// <summary>Params of <c>sandbox.delete</c>.</summary>
public sealed record SandboxDeleteParams(
    [property: Description(SandboxPlaces.Path + "; a link is removed itself")][property: StringLength(4096, MinimumLength = 1)] string Path,
    [property: Description(SandboxPlaces.Session)][property: StringLength(64, MinimumLength = 1)] string? Session = null,
    [property: Description(SandboxPlaces.Workspace)][property: StringLength(64, MinimumLength = 1)] string? Workspace = null,
    [property: Description("also a directory that is not empty, with all in it; no link is followed and no mount entered")] bool Recursive = false,
    [property: Description("most entries removed; when the answer says that it is not done, call again")][property: Range(1, 100000)] int Limit = 10000);

/// <summary>Params of <c>sandbox.download</c>.</summary>
public sealed record SandboxDownloadParams(
    [property: Description(SandboxPlaces.Path)][property: StringLength(4096, MinimumLength = 1)] string Path,
    [property: Description(SandboxPlaces.Session)][property: StringLength(64, MinimumLength = 1)] string? Session = null,
    [property: Description(SandboxPlaces.Workspace)][property: StringLength(64, MinimumLength = 1)] string? Workspace = null,
    [property: Description("byte offset to begin at: where an earlier download ended")][property: Range(0, 9.2e18)] long Offset = 0,
    [property: Description("most bytes wanted; all to the end without it")][property: Range(0, 9.2e18)] long? Length = null);

/// <summary>Params of <c>sandbox.upload</c>.</summary>
public sealed record SandboxUploadParams(
    [property: Description(SandboxPlaces.Path + "; a link there is replaced itself")][property: StringLength(4096, MinimumLength = 1)] string Path,
    [property: Description(SandboxPlaces.Session)][property: StringLength(64, MinimumLength = 1)] string? Session = null,
    [property: Description(SandboxPlaces.Workspace)][property: StringLength(64, MinimumLength = 1)] string? Workspace = null,
    [property: Description("whether it may take the place of what is there")] bool Replace = false,
    [property: Description("permission bits, octal")][property: StringLength(4, MinimumLength = 3)] string Permissions = "0644",
    [property: Description("a name of your own for it: an upload of that name, begun with the same capability and all the same params, is gone on with")][property: StringLength(64, MinimumLength = 1)] string? Resume = null);

/// <summary>Result of <c>sandbox.upload</c> and <c>sandbox.archive_in</c>.</summary>
public sealed record SandboxUploadBegun([property: Description("handle for sandbox.upload_write, sandbox.upload_commit and sandbox.upload_discard")] string Handle,
    [property: Description("where the next bytes belong: 0, or where an upload ended that is gone on with")] long Offset = 0);

/// <summary>Params of <c>sandbox.upload_write</c>.</summary>
public sealed record SandboxUploadWriteParams(
    [property: Description("handle from sandbox.upload or sandbox.archive_in")][property: StringLength(64, MinimumLength = 1)] string Handle,
    [property: Description("byte offset: where what was sent ends")][property: Range(0, 9.2e18)] long Offset,
    [property: Description("the next bytes, standard base64")] ReadOnlyMemory<byte> DataB64);

/// <summary>Params of <c>sandbox.upload_commit</c>.</summary>
public sealed record SandboxUploadCommitParams(
    [property: Description("handle from sandbox.upload or sandbox.archive_in")][property: StringLength(64, MinimumLength = 1)] string Handle,
    [property: Description("the whole size; another is refused")][property: Range(0, 9.2e18)] long Size);

/// <summary>Result of <c>sandbox.upload_commit</c>.</summary>
public sealed record SandboxUploadDone(
    [property: Description("bytes that were sent")] long Size,
    [property: Description("entries that were made, of an archive")] int? Entries = null);

/// <summary>Params of <c>sandbox.upload_discard</c>.</summary>
public sealed record SandboxUploadDiscardParams(
    [property: Description("handle from sandbox.upload or sandbox.archive_in")][property: StringLength(64, MinimumLength = 1)] string Handle);

/// <summary>Params of <c>sandbox.archive_out</c>.</summary>
public sealed record SandboxArchiveOutParams(
    [property: Description("file or directory; its last name is the first in the archive, and of a directory that ends in / what is in it")][property: StringLength(4096, MinimumLength = 1)] string Path = ".",
    [property: Description(SandboxPlaces.Session)][property: StringLength(64, MinimumLength = 1)] string? Session = null,
    [property: Description(SandboxPlaces.Workspace)][property: StringLength(64, MinimumLength = 1)] string? Workspace = null);

/// <summary>One piece of <c>sandbox.archive_out</c>.</summary>
public sealed record SandboxArchivePiece(
    [property: Description("the next bytes of a tar archive, standard base64")] ReadOnlyMemory<byte> DataB64,
    [property: Description("entries so far")] int Entries,
    [property: Description("entries so far that no archive has (sockets, FIFOs, devices) or that could not be read")] int Skipped);

/// <summary>Params of <c>sandbox.archive_in</c>.</summary>
public sealed record SandboxArchiveInParams(
    [property: Description("directory to unpack in; made when it is missing")][property: StringLength(4096, MinimumLength = 1)] string Path = ".",
    [property: Description(SandboxPlaces.Session)][property: StringLength(64, MinimumLength = 1)] string? Session = null,
    [property: Description(SandboxPlaces.Workspace)][property: StringLength(64, MinimumLength = 1)] string? Workspace = null);

/// <summary>Params of <c>sandbox.watch</c>.</summary>
public sealed record SandboxWatchParams(
    [property: Description("file or directory; of a directory its own entries, not those further down")][property: StringLength(4096, MinimumLength = 1)] string Path = ".",
    [property: Description(SandboxPlaces.Session)][property: StringLength(64, MinimumLength = 1)] string? Session = null,
    [property: Description(SandboxPlaces.Workspace)][property: StringLength(64, MinimumLength = 1)] string? Workspace = null);

/// <summary>What the params that all of these have say.</summary>
internal static class SandboxPlaces
{
    internal const string Path = "path inside; one that does not begin with / lies beneath /workspace, or in the workspace";
    internal const string Session = "name of the session; or workspace";
    internal const string Workspace = "name of a workspace, without a session; takes the right sandbox.workspace as well";
}
