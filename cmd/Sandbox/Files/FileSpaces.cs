using Strata.Ipc;
using Strata.Policy;

namespace Strata.Sandbox;

/// <summary>Finds the tree that a call names: a session's or a workspace's, of the caller alone.</summary>
/// <param name="sessions">Opens the caller's session of a name.</param>
/// <param name="workspaces">Opens the workspace of an owner and a name.</param>
internal sealed class FileSpaces(Func<CallContext, string, FileSpace> sessions, Func<string, string, FileSpace> workspaces)
{
    /// <summary>The right that work in a workspace takes beside that of the method.</summary>
    internal const string WorkspaceRight = "sandbox.workspace";

    /// <summary>Opens it.</summary>
    /// <exception cref="SandboxException">The caller has no such session or workspace, or named none or both.</exception>
    internal FileSpace Open(CallContext call, string? session, string? workspace)
    {
        if (session is null == workspace is null)
        {
            throw new SandboxException(ErrorCode.InvalidArgument, SandboxReasons.PlaceMissing, "name one place: \"session\", or \"workspace\" for one without a session");
        }

        if (session is not null)
        {
            return sessions(call, session);
        }

        return Explainer.RequireFurther(SandboxSessions.ClaimsOf(call), WorkspaceRight) is var reason and not DenyReason.None
            ? throw new SandboxException(ErrorCode.PermissionDenied, DenyReasons.CodeOf(reason), $"the capability lacks the right {WorkspaceRight}, which work in a workspace takes as well")
            : workspaces(SandboxSessions.OwnerOf(call), workspace!);
    }

    /// <summary>The rights that params take beside that of their method.</summary>
    internal static FurtherNeeds FurtherOf(string? workspace) => workspace is null ? FurtherNeeds.None : FurtherNeeds.OfRights(WorkspaceRight);
}
