using System.Runtime.CompilerServices;

namespace Strata.Ipc;

/// <summary>Awaited, goes on on the loop thread of a session, from whatever thread it was on. The turn is asked for only once there is something to go on with.</summary>
/// <param name="session">The session.</param>
internal sealed class LoopTurn(ServerSession session) : ICriticalNotifyCompletion, ILoopWork
{
    private Action? _next;

    internal bool IsCompleted => false;

    public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

    public void UnsafeOnCompleted(Action continuation)
    {
        _next = continuation;
        session.Host.Post(session, this);
    }

    public void Run() => _next!();

    internal LoopTurn GetAwaiter() => this;

    internal void GetResult()
    {
    }
}
