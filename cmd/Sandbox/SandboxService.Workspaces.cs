using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Sandbox;

/// <summary>The methods for workspaces.</summary>
internal sealed partial class SandboxService
{
    private static ErrorCode[] OfKept => [ErrorCode.InvalidArgument, ErrorCode.NotFound, ErrorCode.Conflict, ErrorCode.ResourceExhausted, ErrorCode.Unavailable];

    private WorkspaceCalls? _workspaceCalls;

    /// <summary>What callers do with workspaces.</summary>
    internal WorkspaceCalls WorkspaceCalls => _workspaceCalls ??= new WorkspaceCalls(Workspaces, Sessions, Files.Gate, _options.Workspaces, _audit, _time);

    private IReadOnlyList<Method> WorkspaceMethods =>
    [
        new UnaryMethod<SandboxWorkspaceCreateParams, SandboxWorkspace>(
            "sandbox.workspace_create", "Makes a workspace, or tells of the one that there is.",
            Access.Right(FileSpaces.WorkspaceRight), () => ContractsJson.Default.SandboxWorkspaceCreateParams, () => ContractsJson.Default.SandboxWorkspace,
            SandboxCalls.Answer<SandboxWorkspaceCreateParams, SandboxWorkspace>(WorkspaceCalls.CreateAsync)) { Errors = OfKept },
        new UnaryMethod<NoParams, SandboxWorkspaces>(
            "sandbox.workspace_list", "Lists the caller's workspaces and what is in them.",
            Access.Right(FileSpaces.WorkspaceRight), () => ContractsJson.Default.NoParams, () => ContractsJson.Default.SandboxWorkspaces,
            SandboxCalls.Answer<NoParams, SandboxWorkspaces>(WorkspaceCalls.ListAsync)) { Errors = OfKept },
        new UnaryMethod<SandboxWorkspaceDeleteParams, StatusResult>(
            "sandbox.workspace_delete", "Removes a workspace that no session has, with all in it.",
            Access.Right(FileSpaces.WorkspaceRight), () => ContractsJson.Default.SandboxWorkspaceDeleteParams, () => ContractsJson.Default.StatusResult,
            SandboxCalls.Answer<SandboxWorkspaceDeleteParams, StatusResult>(WorkspaceCalls.DeleteAsync)) { Errors = OfKept },
    ];
}
