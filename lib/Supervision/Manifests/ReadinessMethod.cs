namespace Strata.Supervision;

/// <summary>How a service's readiness becomes known.</summary>
public enum ReadinessMethod
{
    /// <summary>It sends READY=1 on NOTIFY_SOCKET. The default.</summary>
    Notify,

    /// <summary>It is taken for ready as soon as its process exists; for programs that cannot say.</summary>
    None,

    /// <summary>
    /// Refused: a connection always succeeds, since the supervisor holds the socket from before the start, and proves nothing.
    /// Named here so that a manifest that asks for it is told so.
    /// </summary>
    Socket,
}
