using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Hosting;

/// <summary>
/// One thread, one epoll instance and the connections it accepted. All of a connection's state belongs to this thread;
/// handlers that finish elsewhere post their answers here.
/// </summary>
internal sealed class SocketLoop : IDisposable
{
    private const ulong WakeId = 0;
    private const ulong ListenerId = 1;
    private const ulong FirstConnectionId = 2;
    private const int ReceiveBytes = 64 * 1024;
    private const int MaxReceivesPerEvent = 4;

    private readonly Epoll _epoll = new();
    private readonly EventFd _wake = new();
    private readonly ConcurrentQueue<(Connection? Connection, ILoopWork Work)> _posted = new();
    private readonly Dictionary<ulong, Connection> _connections = [];
    private readonly byte[] _received = GC.AllocateUninitializedArray<byte>(ReceiveBytes, pinned: true);
    private readonly SocketServer _server;
    private readonly Acceptor _acceptor;
    private readonly TimeSpan _shortestTimeout;
    private readonly UnsentBudget _budget;
    private ulong _nextId = FirstConnectionId;
    private int _wakePending;
    private long _checkAt = long.MaxValue;
    private long _beatAt = long.MaxValue;
    private bool _draining;
    private bool _stopped;

    internal SocketLoop(SocketServer server, int listener)
    {
        _server = server;
        Writer = new ResponseWriter(server.Options.Limits);
        _acceptor = new Acceptor(server, listener);
        _budget = new UnsentBudget(server.Time);
        Counter = server.Metrics.AddLoop(server.Methods);
        var limits = server.Options.Limits;
        _shortestTimeout = Shorter(Shorter(limits.FrameTimeout, limits.FirstFrameTimeout), Shorter(limits.WriteTimeout, limits.IdleTimeout));
        _epoll.Add(_wake.Handle.Number, EpollEvents.Readable, WakeId);
        _epoll.Add(listener, EpollEvents.Readable | EpollEvents.Exclusive, ListenerId);
        if (server.Options.HeartbeatInterval > TimeSpan.Zero)
        {
            _beatAt = Time.GetTimestamp();
        }
    }

    internal MethodTable Methods => _server.Methods;

    internal IAuthorizer Authorizer => _server.Authorizer;

    internal IpcLimits Limits => _server.Options.Limits;

    internal HeldBytesBudget Budget => _server.Budget;

    internal IServerEvents Events => _server.Events;

    internal TimeProvider Time => _server.Time;

    internal ResponseWriter Writer { get; }

    /// <summary>Counts what this loop answers.</summary>
    internal CallCounter Counter { get; }

    /// <summary>Runs work on the loop's thread, then looks at the connection's output.</summary>
    internal void Post(Connection? connection, ILoopWork work)
    {
        _posted.Enqueue((connection, work));
        if (Interlocked.Exchange(ref _wakePending, 1) == 0)
        {
            _wake.Signal();
        }
    }

    /// <summary>Takes no new connections, finishes what is in progress, and ends the loop when nothing is left.</summary>
    internal void BeginDrain() => Post(null, new Work(() =>
    {
        _draining = true;
        _acceptor.Withdraw(_epoll);
        foreach (var connection in _connections.Values.ToArray())
        {
            connection.Deferred = false;
            // From here on the kernel refuses what the peer writes (EPIPE), and whatever it wrote before is still here to be read and
            // owed an answer: a request is either refused whole to its sender, who knows that it was not carried out, or answered.
            _ = UnixSocket.TryShutdown(connection.Descriptor, ShutdownDirection.Receive);
            connection.Session.BeginDrain();
            Receive(connection);
            if (!connection.Closed)
            {
                Settle(connection);
            }
        }
    }));

    /// <summary>Closes everything and ends the loop.</summary>
    internal void Stop() => Post(null, new Work(() => _stopped = true));

    /// <summary>The loop itself; returns when stopped or drained.</summary>
    internal void Run()
    {
        var ready = new EpollReady[Epoll.MaxEventsPerWait];
        while (!_stopped && !(_draining && _connections.Count == 0))
        {
            var count = _epoll.Wait(ready, NextTimeoutMs());
            for (var i = 0; i < count; i++)
            {
                Handle(ready[i]);
            }

            ServeDeferred();
            DoTimedWork(count > 0);
        }

        foreach (var connection in _connections.Values.ToArray())
        {
            Close(connection);
        }
    }

    public void Dispose()
    {
        _acceptor.Dispose();
        _epoll.Dispose();
        _wake.Dispose();
        Writer.Dispose();
    }

    private void Handle(in EpollReady ready)
    {
        switch (ready.UserData)
        {
            case WakeId:
                RunPosted();
                break;
            case ListenerId:
                _acceptor.Accept(this);
                break;
            default:
                if (_connections.TryGetValue(ready.UserData, out var connection))
                {
                    Handle(connection, ready.Events);
                }

                break;
        }
    }

    private void Handle(Connection connection, EpollEvents events)
    {
        if ((events & EpollEvents.Readable) != 0 && connection.Session.WantsInput)
        {
            if (_budget.HasRoom || connection.CountedBytes > 0)
            {
                Receive(connection);
            }
            else if (!connection.Deferred)
            {
                _budget.Defer(connection);
            }
        }
        else if ((events & (EpollEvents.HangUp | EpollEvents.Error)) != 0)
        {
            // Both directions are closed: nobody is left to read an answer.
            Close(connection);
        }

        if (!connection.Closed)
        {
            Settle(connection);
        }
    }

    /// <summary>Takes up the requests that waited for room.</summary>
    private void ServeDeferred()
    {
        while (_budget.DueAt != long.MaxValue && _budget.TryTake(Time.GetTimestamp(), out var connection))
        {
            Receive(connection);
            if (!connection.Closed)
            {
                Settle(connection);
            }
        }
    }

    internal void Adopt(int descriptor, Peer peer)
    {
        var connection = new Connection(this, _nextId++, descriptor, peer);
        if (_epoll.TryAdd(descriptor, EpollEvents.Readable, connection.Id) < 0)
        {
            _ = Descriptors.TryClose(descriptor);
            _server.Quota.Release(peer.Uid);
            return;
        }

        _connections.Add(connection.Id, connection);
    }

    private void Receive(Connection connection)
    {
        for (var i = 0; i < MaxReceivesPerEvent && connection.Session.WantsInput; i++)
        {
            var count = UnixSocket.TryReceive(connection.Descriptor, _received);
            if (count == -Errno.EAGAIN || count == -Errno.EINTR)
            {
                return;
            }

            if (count < 0)
            {
                Close(connection);
                return;
            }

            if (count == 0)
            {
                connection.Session.EndInput();
                return;
            }

            connection.Session.Receive(_received.AsSpan(0, count));
            if (count < ReceiveBytes || !Send(connection))
            {
                return;
            }
        }
    }

    /// <summary>Sends what there is, closes what is finished, and makes epoll watch for what comes next.</summary>
    private void Settle(Connection connection)
    {
        if (!Send(connection))
        {
            return;
        }

        var session = connection.Session;
        _budget.Count(connection, session.Output.Capacity);
        if (session.IsFinished)
        {
            Close(connection);
            return;
        }

        var wanted = (session.WantsInput && !connection.Deferred ? EpollEvents.Readable : 0) | (session.Output.Length > 0 ? EpollEvents.Writable : 0);
        if (wanted != connection.Watched)
        {
            connection.Watched = wanted;
            _ = _epoll.TryModify(connection.Descriptor, wanted, connection.Id);
        }
    }

    /// <summary>False when the connection was closed.</summary>
    private bool Send(Connection connection)
    {
        var session = connection.Session;
        while (session.Output.Length > 0)
        {
            var message = session.Output.NextMessage(out var descriptor);
            var sent = descriptor is null ? UnixSocket.TrySend(connection.Descriptor, message.Span) : SendWith(connection.Descriptor, message.Span, descriptor);
            if (sent == -Errno.EAGAIN)
            {
                break;
            }

            if (sent < 0 && sent != -Errno.EINTR)
            {
                Close(connection);
                return false;
            }

            session.Sent(Math.Max(sent, 0));
        }

        return true;
    }

    private static int SendWith(int socket, ReadOnlySpan<byte> bytes, SafeHandle descriptor)
    {
        var held = false;
        try
        {
            descriptor.DangerousAddRef(ref held);
            return DescriptorPassing.TrySend(socket, bytes, [(int)descriptor.DangerousGetHandle()]);
        }
        finally
        {
            if (held)
            {
                descriptor.DangerousRelease();
            }
        }
    }

    private void Close(Connection connection)
    {
        if (connection.Closed)
        {
            return;
        }

        connection.Closed = true;
        _connections.Remove(connection.Id);
        connection.Session.Abort();
        _budget.Count(connection, 0);
        _ = Descriptors.TryClose(connection.Descriptor);
        _server.Quota.Release(connection.Session.Peer.Uid);
    }

    private void RunPosted()
    {
        _wake.Drain();
        Volatile.Write(ref _wakePending, 0);
        while (_posted.TryDequeue(out var item))
        {
            item.Work.Run();
            if (item.Connection is { Closed: false } connection)
            {
                Settle(connection);
            }
        }
    }

    private int NextTimeoutMs()
    {
        var next = Math.Min(_connections.Count > 0 ? _checkAt : long.MaxValue, Math.Min(Math.Min(_beatAt, _budget.DueAt), _acceptor.ResumeAt));
        if (next == long.MaxValue)
        {
            return -1;
        }

        var left = Time.GetElapsedTime(Time.GetTimestamp(), next);
        return (int)Math.Clamp(Math.Ceiling(left.TotalMilliseconds), 0, int.MaxValue);
    }

    private void DoTimedWork(bool active)
    {
        var now = Time.GetTimestamp();
        if (active && _connections.Count > 0)
        {
            // Whatever just happened can be overdue no sooner than the shortest timeout from now.
            _checkAt = Math.Min(_checkAt, After(now, _shortestTimeout));
        }

        if (now >= _checkAt)
        {
            CloseOverdue(now);
        }

        if (now >= _acceptor.ResumeAt && !_acceptor.TryResume(_epoll, ListenerId))
        {
            PauseAccepting();
        }

        if (now >= _beatAt)
        {
            _beatAt = After(now, _server.Options.HeartbeatInterval);
            _server.Beat(this);
        }
    }

    private void CloseOverdue(long now)
    {
        _checkAt = long.MaxValue;
        foreach (var connection in _connections.Values.ToArray())
        {
            var reason = connection.Session.Overdue(now, out var next);
            if (reason is null)
            {
                _checkAt = Math.Min(_checkAt, After(now, next));
                continue;
            }

            if (reason != "idle")
            {
                Events.ConnectionDropped(connection.Session.Peer, reason);
            }

            Close(connection);
        }
    }

    internal void PauseAccepting() => _acceptor.Pause(_epoll, After(Time.GetTimestamp(), Acceptor.PauseTime));

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private long After(long timestamp, TimeSpan span) => timestamp + (long)(span.TotalSeconds * Time.TimestampFrequency);

    private sealed class Work(Action action) : ILoopWork
    {
        public void Run() => action();
    }
}
