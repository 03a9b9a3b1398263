using Strata.Ipc;
using Strata.Linux;

namespace Strata.Hosting;

/// <summary>Serves one method table on one listening socket with a fixed number of loops.</summary>
public sealed class SocketServer : IAsyncDisposable
{
    /// <summary>How long stopping waits for a loop that was told to end at once.</summary>
    private static readonly TimeSpan CutTimeout = TimeSpan.FromSeconds(1);

    private readonly UnixListener _listener;
    private readonly SocketLoop[] _loops;
    private readonly bool[] _alive;
    private readonly List<Task> _running = [];

    /// <summary>Prepares the server; nothing is accepted before <see cref="Start"/>.</summary>
    /// <param name="listener">The listening socket; owned by the server from here on.</param>
    /// <param name="methods">What it serves.</param>
    /// <param name="authorizer">Who may call.</param>
    /// <param name="events">Whom it tells.</param>
    /// <param name="time">The clock.</param>
    /// <param name="options">The bounds; the defaults when null.</param>
    /// <param name="metrics">Where it counts; its own when null.</param>
    public SocketServer(
        UnixListener listener, MethodTable methods, IAuthorizer authorizer, IServerEvents events, TimeProvider time, ServerOptions? options = null,
        ServiceMetrics? metrics = null)
    {
        _listener = listener;
        Methods = methods;
        Authorizer = authorizer;
        Events = new ThrottledEvents(events, time);
        Time = time;
        Options = options ?? new ServerOptions();
        Metrics = metrics ?? new ServiceMetrics(methods.Service, time);
        Quota = new ConnectionQuota(Options.MaxConnections, Options.MaxConnectionsPerUid);
        Budget = new HeldBytesBudget(Options.MaxHeldBytes, Options.MaxHeldBytesPerUid);
        Metrics.Add("connections", counter: false, () => Quota.Count);
        Metrics.Add("connections_accepted", counter: true, () => Quota.Admitted);
        Metrics.Add("connections_refused", counter: true, () => Quota.Refused);
        Metrics.Add("held_bytes", counter: false, () => Budget.Taken);
        _loops = new SocketLoop[Options.Loops];
        for (var i = 0; i < _loops.Length; i++)
        {
            _loops[i] = new SocketLoop(this, listener.Handle.Number);
        }

        _alive = new bool[_loops.Length];
    }

    internal MethodTable Methods { get; }

    internal IAuthorizer Authorizer { get; }

    internal IServerEvents Events { get; }

    internal TimeProvider Time { get; }

    internal ServerOptions Options { get; }

    internal ConnectionQuota Quota { get; }

    internal ServiceMetrics Metrics { get; }

    internal HeldBytesBudget Budget { get; }

    /// <summary>Begins to accept connections.</summary>
    public void Start()
    {
        foreach (var loop in _loops)
        {
            var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _running.Add(ended.Task);
            var thread = new Thread(() => RunLoop(loop, ended)) { IsBackground = true, Name = $"{Methods.Service}-loop" };
            thread.Start();
        }
    }

    /// <summary>Completes when a loop has died; a server that has lost a loop cannot go on.</summary>
    public Task Failure => Task.WhenAny(_running).Unwrap();

    /// <summary>
    /// Stops in good order: accepts nothing more, answers what has been received, ends streams, then closes. Whatever is
    /// left after <see cref="ServerOptions.DrainTimeout"/> is cut off. Never fails and always returns, even when a handler
    /// holds a loop for ever.
    /// </summary>
    public async Task StopAsync()
    {
        foreach (var loop in _loops)
        {
            loop.BeginDrain();
        }

        await EndedAsync(Options.DrainTimeout).ConfigureAwait(false);
        await CutAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await CutAsync().ConfigureAwait(false);
        foreach (var (loop, running) in _loops.Zip(_running.Count > 0 ? _running : [.. _loops.Select(_ => Task.CompletedTask)]))
        {
            // A loop that a handler holds for ever keeps its descriptors until the process ends.
            if (running.IsCompleted)
            {
                loop.Dispose();
            }
        }

        _listener.Dispose();
    }

    /// <summary>Ends every loop that still turns. One whose handler never returns cannot be ended and is left behind.</summary>
    private async Task CutAsync()
    {
        foreach (var loop in _loops)
        {
            loop.Stop();
        }

        await EndedAsync(CutTimeout).ConfigureAwait(false);
    }

    /// <summary>Waits for the loops to end. How they ended is told by <see cref="Failure"/>.</summary>
    private async Task EndedAsync(TimeSpan atMost) =>
        await Task.WhenAll(_running).WaitAsync(atMost, Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <summary>Notes that a loop is alive; once all are, says so.</summary>
    internal void Beat(SocketLoop loop)
    {
        lock (_alive)
        {
            _alive[Array.IndexOf(_loops, loop)] = true;
            if (_alive.All(a => a))
            {
                Array.Clear(_alive);
                Events.Heartbeat();
            }
        }
    }

    private static void RunLoop(SocketLoop loop, TaskCompletionSource ended)
    {
        try
        {
            loop.Run();
            ended.SetResult();
        }
#pragma warning disable CA1031 // Whatever ends a loop must reach whoever waits for the server, not the runtime's crash handler.
        catch (Exception e)
#pragma warning restore CA1031
        {
            ended.SetException(e);
        }
    }
}
