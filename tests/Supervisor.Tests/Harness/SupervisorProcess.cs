using System.Diagnostics;
using Strata.Linux;

namespace Strata.Supervisor.Tests;

/// <summary>The real supervisor with the real registry, in a runtime directory of its own; identity and fs are stubs.</summary>
internal sealed class SupervisorProcess : IDisposable
{
    private static readonly SpawnThread Spawning = new();

    private readonly ChildProcess _process;
    private readonly NotifySocket _notify;

    private SupervisorProcess(TestRuntime runtime, string[] variables)
    {
        Runtime = runtime;
        var notifyPath = Path.Combine(runtime.Dir, "upward" + Guid.NewGuid().ToString("N")[..8]);
        _notify = NotifySocket.Bind(notifyPath);
        using var log = File.OpenHandle(runtime.LogPath, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        var descriptor = (int)log.DangerousGetHandle();
        _process = Spawning.Spawn(new SpawnRequest
        {
            Program = Path.Combine(AppContext.BaseDirectory, "supervisor"),
            Arguments = ["supervisor"],
            Environment = [.. runtime.Environment.Where(v => !variables.Any(given => given.Split('=')[0] == v.Split('=')[0])), .. variables, .. variables.Any(given => given.StartsWith("NOTIFY_SOCKET=", StringComparison.Ordinal)) ? [] : new[] { $"NOTIFY_SOCKET={notifyPath}" }],
            StandardOutput = descriptor,
            StandardError = descriptor,
        });
    }

    internal TestRuntime Runtime { get; }

    internal int Pid => _process.Pid;

    /// <summary>Starts it; variables given here replace the runtime's own.</summary>
    internal static SupervisorProcess Start(TestRuntime runtime, params string[] variables) => new(runtime, variables);

    /// <summary>Waits until the supervisor has announced this.</summary>
    internal void AwaitAnnouncement(Func<NotifyMessage, bool> wanted)
    {
        using var epoll = new Epoll();
        epoll.Add(_notify.Handle.Number, EpollEvents.Readable, 1);
        while (AwaitReadable(epoll))
        {
            while (_notify.TryReceive(out var message) == 1)
            {
                if (message is not null && wanted(message))
                {
                    return;
                }
            }
        }

        Assert.Fail("the supervisor did not announce it:\n" + Runtime.Log);
    }

    internal void AwaitReady() => AwaitAnnouncement(m => m.Ready);

    internal void Signal(int signal) => Assert.Equal(0, _process.TrySignal(signal));

    /// <summary>Waits for the end.</summary>
    internal ProcessExit AwaitExit()
    {
        using var epoll = new Epoll();
        epoll.Add(_process.Handle.Number, EpollEvents.Readable, 1);
        Assert.True(AwaitReadable(epoll), "the supervisor does not end:\n" + Runtime.Log);
        Assert.Equal(1, _process.TryReap(out var exit));
        return exit;
    }

    /// <summary>A signal to this process, such as the end of another child, ends a wait early without anything having come.</summary>
    private static bool AwaitReadable(Epoll epoll)
    {
        var clock = Stopwatch.StartNew();
        while (TestNode.Deadline - clock.Elapsed is { Ticks: > 0 } left)
        {
            if (epoll.Wait(new EpollReady[1], (int)left.TotalMilliseconds + 1) == 1)
            {
                return true;
            }
        }

        return false;
    }

    public void Dispose()
    {
        if (_process.TryReap(out _) == 0)
        {
            _ = _process.TrySignal(Linux.Signal.SIGKILL);
            _ = AwaitExit();
        }

        _process.Dispose();
        _notify.Dispose();
    }
}
