namespace Strata.Ipc;

/// <summary>Something to be run on a connection's loop thread.</summary>
public interface ILoopWork
{
    /// <summary>Runs on the loop thread; must not block or throw.</summary>
    void Run();
}

/// <summary>What a <see cref="ServerSession"/> needs from whatever drives it: a socket loop, or a test.</summary>
public interface ISessionHost
{
    /// <summary>The clock for deadlines and timeouts.</summary>
    TimeProvider Time { get; }

    /// <summary>The loop's response writer.</summary>
    ResponseWriter Writer { get; }

    /// <summary>The memory that all connections of the server share; null (default) for no bound but each connection's own.</summary>
    HeldBytesBudget? Budget => null;

    /// <summary>
    /// Queues work for the session's loop thread and afterwards looks at the session's output. Callable from any thread,
    /// the loop's included, where it must not run the work at once. Work for a session that is gone may be run or dropped.
    /// </summary>
    void Post(ServerSession session, ILoopWork work);

    /// <summary>The session ended its connection for what the caller did; nothing by default. On the loop thread.</summary>
    void Dropped(Peer peer, string reason)
    {
    }

    /// <summary>A handler threw, or its result is not JSON; the caller is answered INTERNAL. On the loop thread.</summary>
    void HandlerFaulted(CallContext call, Exception exception);

    /// <summary>
    /// A request got its last frame; for counting. The call is null when none was made of it: malformed, method unknown.
    /// On the loop thread.
    /// </summary>
    void Answered(CallContext? call, RpcError? error);
}
