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

    /// <summary>
    /// Queues work for the session's loop thread and afterwards looks at the session's output. Callable from any thread.
    /// </summary>
    void Post(ServerSession session, ILoopWork work);

    /// <summary>A handler threw; the caller was answered INTERNAL.</summary>
    void HandlerFaulted(CallContext call, Exception exception);

    /// <summary>A frame was refused before a method was found, or its params were; for counting.</summary>
    void Answered(CallContext? call, RpcError? error);
}
