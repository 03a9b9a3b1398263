using Strata.Ipc;

namespace Strata.Sandbox;

/// <summary>Stands where there are no workspaces.</summary>
internal sealed class NoWorkspaces : ISessionWorkspaces
{
    public AttachedWorkspace Attach(string owner, string name, bool shared, string sessionId) =>
        throw new SandboxException(ErrorCode.Unavailable, SandboxReasons.WorkspacesUnavailable, "this service keeps no workspaces; leave workspace out");
}
