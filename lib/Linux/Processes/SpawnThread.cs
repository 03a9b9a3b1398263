namespace Strata.Linux;

/// <summary>The one thread that starts every child. A parent-death signal fires when the thread that spawned ends, so no thread of a pool may spawn.</summary>
/// <remarks>
/// A child with a <see cref="SpawnRequest.Confinement"/> or limits is spawned by a thread of its own, which lives as long as the child's <see cref="ChildProcess"/>.
/// Thread-wide confinement (no_new_privs, Landlock, seccomp) applied through <see cref="Run"/> is inherited by every later child. A thread inherits it
/// as well, so the spawning thread never queues anything to the thread pool, which might start a worker from it: a second thread reports results.
/// </remarks>
public sealed class SpawnThread : IDisposable
{
    /// <summary>The most requests that may wait.</summary>
    public const int MaxPending = 64;

    private readonly ThreadWork _work = new(MaxPending);
    private readonly ThreadWork _reports = new(int.MaxValue);
    private readonly Thread _spawning;
    private readonly Thread _reporting;

    /// <summary>Starts the thread.</summary>
    public SpawnThread()
    {
        _reporting = Start("spawn reports", _reports);
        _spawning = Start("spawn", _work);
    }

    /// <summary>Starts a child and waits until its exec succeeded or failed.</summary>
    /// <param name="request">What to start.</param>
    /// <exception cref="LinuxException">ENOENT, EACCES, ... of the program; EAGAIN or ENOMEM when no process can be made.</exception>
    /// <exception cref="ArgumentException">A text holds a NUL, or there are too many or too few of something.</exception>
    /// <exception cref="InvalidOperationException"><see cref="MaxPending"/> requests wait already, or the thread is disposed.</exception>
    public ChildProcess Spawn(SpawnRequest request) => SpawnAsync(request).GetAwaiter().GetResult();

    /// <summary>As <see cref="Spawn"/>, without holding the caller's thread.</summary>
    /// <param name="request">What to start.</param>
    public Task<ChildProcess> SpawnAsync(SpawnRequest request) => Enqueue(() => Spawner.Spawn(request));

    /// <summary>Runs something on the spawning thread, before all later spawns; made for confinement of that thread.</summary>
    /// <param name="action">What to run; its exception arrives in the task.</param>
    public Task Run(Action action) => Enqueue(() =>
    {
        action();
        return true;
    });

    /// <summary>Finishes what waits and ends the thread: children that armed a parent-death signal get it now.</summary>
    public void Dispose()
    {
        if (_work.End())
        {
            _spawning.Join();
            _ = _reports.End();
            _reporting.Join();
        }
    }

    private Task<T> Enqueue<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        bool taken = _work.TryAdd(() =>
        {
            try
            {
                T result = work();
                _ = _reports.TryAdd(() => done.SetResult(result));
            }
#pragma warning disable CA1031 // Whatever it is belongs to whoever asked; the thread must outlive it.
            catch (Exception error)
#pragma warning restore CA1031
            {
                _ = _reports.TryAdd(() => done.SetException(error));
            }
        });
        return taken ? done.Task : throw new InvalidOperationException($"{MaxPending} spawns are waiting already; try again later.");
    }

    private static Thread Start(string name, ThreadWork work)
    {
        var thread = new Thread(work.Run) { Name = name, IsBackground = true };
        thread.Start();
        return thread;
    }
}
