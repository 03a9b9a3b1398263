using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>Opens the file trees of sessions.</summary>
internal static class SessionSpaces
{
    /// <summary>Where paths begin that are not absolute.</summary>
    internal const string Workspace = "workspace/";

    /// <summary>The tree of a session; held until the space is disposed.</summary>
    internal static FileSpace Open(SandboxSession session)
    {
        var use = session.Use(whilePaused: true);
        try
        {
            var root = FileDescriptor.Duplicate(use.Sandbox.Root.Number);
            return new FileSpace(root, UserOf(use.Sandbox), session.Name, Workspace, use) { Ended = session.Ended, Reenter = () => session.Use(whilePaused: true) };
        }
        catch
        {
            use.Dispose();
            throw;
        }
    }

    /// <summary>Whose rights work in a sandbox has. Whoever is not root works as himself alone, and the sandbox's ids are his.</summary>
    internal static ProcessUser? UserOf(ISandbox sandbox) =>
        UserId.Effective == 0 ? new ProcessUser(sandbox.HostUser(sandbox.Plan.User), sandbox.HostUser(sandbox.Plan.Group ?? sandbox.Plan.User)) : null;
}
