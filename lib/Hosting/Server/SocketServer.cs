using Strata.Ipc;
using Strata.Linux;

namespace Strata.Hosting;

/// <summary>Serves one method table on one listening socket with a fixed number of loops.</summary>
public sealed class SocketServer : IAsyncDisposable
{
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
    public SocketServer(
        UnixListener listener, MethodTable methods, IAuthorizer authorizer, IServerEvents events, TimeProvider time, ServerOptions? options = null)
    {
        _listener = listener;
        Methods = methods;
        Authorizer = authorizer;
        Events = events;
        Time = time;
        Options = options ?? new ServerOptions();
        Quota = new ConnectionQuota(Options.MaxConnections, Options.MaxConnectionsPerUid);
        _loops = [.. Enumerable.Range(0, Options.Loops).Select(_ => new SocketLoop(this, listener.Handle.Number))];
        _alive = new bool[_loops.Length];
    }

    internal MethodTable Methods { get; }

    internal IAuthorizer Authorizer { get; }

    internal IServerEvents Events { get; }

    internal TimeProvider Time { get; }

    internal ServerOptions Options { get; }

    internal ConnectionQuota Quota { get; }

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
    /// left after <see cref="ServerOptions.DrainTimeout"/> is cut off.
    /// </summary>
    public async Task StopAsync()
    {
        foreach (var loop in _loops)
        {
            loop.BeginDrain();
        }

        var all = Task.WhenAll(_running);
        try
        {
            await all.WaitAsync(Options.DrainTimeout, Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            foreach (var loop in _loops)
            {
                loop.Stop();
            }

            await all.ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var loop in _loops)
        {
            loop.Stop();
        }

        await Task.WhenAll(_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var loop in _loops)
        {
            loop.Dispose();
        }

        _listener.Dispose();
    }

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
