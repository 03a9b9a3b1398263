namespace Strata.Sandbox;

/// <summary>
/// Somebody works with a session. As long as this is held the sandbox is not disposed, its descriptors stay what they are, and the session does not
/// run out of time for want of use. Who holds it for long heeds <see cref="SandboxSession.Ended"/>.
/// </summary>
internal sealed class SessionUse : IDisposable
{
    private readonly Action _leave;
    private int _left;

    internal SessionUse(SandboxSession session, ISandbox sandbox, Action leave) => (Session, Sandbox, _leave) = (session, sandbox, leave);

    /// <summary>The session.</summary>
    internal SandboxSession Session { get; }

    /// <summary>Its sandbox, alive or dead, but not disposed.</summary>
    internal ISandbox Sandbox { get; }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _left, 1) == 0)
        {
            _leave();
        }
    }
}
