using System.Globalization;
using System.Runtime.CompilerServices;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>Opens the file trees of sessions.</summary>
internal static class SessionSpaces
{
    /// <summary>Where paths begin that are not absolute.</summary>
    internal const string Workspace = "workspace/";

    private static readonly ConditionalWeakTable<ISandbox, IReadOnlyList<ProcessUser?>> Users = [];

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

    /// <summary>The sandbox's user as the host numbers it; null when that is ours to work as, or nobody's.</summary>
    internal static ProcessUser? UserOf(ISandbox sandbox) => Users.GetValue(sandbox, static s => [Read(s)])[0];

    private static ProcessUser? Read(ISandbox sandbox)
    {
        // Whoever is not root works as himself alone, and the sandbox's ids are his.
        if (UserId.Effective != 0)
        {
            return null;
        }

        var user = new ProcessUser(Outside(sandbox, "uid_map"), Outside(sandbox, "gid_map"));
        // Its number could be another's by now; then the map is not its own.
        return sandbox.Ended.IsCompleted ? throw SandboxSession.NotFound() : user;
    }

    private static uint Outside(ISandbox sandbox, string map)
    {
        try
        {
            var lines = File.ReadAllLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{sandbox.InitPid}/{map}"));
            return IdMap.Outside(lines, (uint)sandbox.Plan.User);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw SandboxSession.NotFound();
        }
    }
}
