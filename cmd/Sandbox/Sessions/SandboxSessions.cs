using System.Collections.Concurrent;
using Strata.Hosting;
using Strata.Ipc;

namespace Strata.Sandbox;

/// <summary>All sessions of the service, by owner and name.</summary>
internal sealed class SandboxSessions
{
    private readonly ConcurrentDictionary<SessionKey, SandboxSession> _sessions = new();

    /// <summary>The caller's session. Absent and somebody else's are the same.</summary>
    /// <exception cref="SandboxException">The caller has none of that name.</exception>
    internal SandboxSession FindOwn(CallContext call, string name) =>
        _sessions.TryGetValue(new SessionKey(OwnerOf(call), name), out var session) ? session : throw SandboxSession.NotFound();

    /// <summary>Whose sessions a caller reaches: those of its capability's subject.</summary>
    internal static string OwnerOf(CallContext call) => ((Principal)call.Principal!).Subject;
}
