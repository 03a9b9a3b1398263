using Strata.Ipc;
using Strata.Linux;

namespace Strata.Hosting;

/// <summary>One accepted connection: a descriptor, its session, and what epoll currently watches. Belongs to its loop.</summary>
internal sealed class Connection : ISessionHost
{
    private readonly SocketLoop _loop;

    internal Connection(SocketLoop loop, ulong id, int descriptor, Peer peer)
    {
        _loop = loop;
        Id = id;
        Descriptor = descriptor;
        Session = new ServerSession(loop.Methods, loop.Authorizer, loop.Limits, peer, this);
    }

    public TimeProvider Time => _loop.Time;

    public ResponseWriter Writer => _loop.Writer;

    public HeldBytesBudget? Budget => _loop.Budget;

    internal ulong Id { get; }

    internal int Descriptor { get; }

    internal ServerSession Session { get; }

    internal EpollEvents Watched { get; set; } = EpollEvents.Readable;

    internal bool Closed { get; set; }

    /// <summary>Whether its next request waits for room in the loop's <see cref="UnsentBudget"/>, which alone sets it.</summary>
    internal bool Deferred { get; set; }

    /// <summary>What the <see cref="UnsentBudget"/> has counted of it.</summary>
    internal int CountedBytes { get; set; }

    public void Post(ServerSession session, ILoopWork work) => _loop.Post(this, work);

    public void Dropped(Peer peer, string reason) => _loop.Events.ConnectionDropped(peer, reason);

    public void HandlerFaulted(CallContext call, Exception exception) => _loop.Events.HandlerFaulted(call, exception);

    public void Answered(CallContext? call, RpcError? error) => _loop.Counter.Note(call, error);
}
