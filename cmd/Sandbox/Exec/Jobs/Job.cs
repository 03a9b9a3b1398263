using System.Runtime.CompilerServices;
using Strata.Contracts;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>A background command or a terminal: runs until it ends or its session does, whoever looks at it meanwhile.</summary>
internal sealed class Job : IAsyncDisposable
{
    private const int ChunkBytes = 64 * 1024;

    private readonly Lock _lock = new();
    private readonly OutputRing _ring = new(ExecLimits.RingBytes);
    private readonly SandboxedProcess _process;
    private readonly OutputEnd _output;
    private readonly OutputEnd? _errors;
    private readonly Wakeup _wake;
    private readonly SandboxTerminal? _terminal;
    private readonly List<Wakeup> _watchers = [];
    private readonly byte[] _chunk = new byte[ChunkBytes];
    private readonly Task _pump;
    private ProcessExit? _exit;
    private bool _ended;

    internal Job(string id, string command, DateTimeOffset started, SandboxedProcess process, OutputEnd output, OutputEnd? errors, InputEnd? input, Wakeup wake, SandboxTerminal? terminal = null)
    {
        (Id, Command, Started, _process, _output, _errors, Input, _wake, _terminal) = (id, command, started, process, output, errors, input, wake, terminal);
        Ended = EndAsync();
        _pump = PumpAsync();
    }

    internal string Id { get; }

    internal string Command { get; }

    internal DateTimeOffset Started { get; }

    /// <summary>Where its input goes in; null when it has none.</summary>
    internal InputEnd? Input { get; }

    internal bool IsTerminal => _terminal is not null;

    /// <summary>Completes when it has ended, and all it left behind with it.</summary>
    internal Task<ProcessExit> Ended { get; }

    /// <summary>Whether nothing more comes of it.</summary>
    internal bool IsOver
    {
        get
        {
            lock (_lock)
            {
                return _ended;
            }
        }
    }

    /// <summary>How it stands, for people and programs.</summary>
    internal SandboxJob View()
    {
        lock (_lock)
        {
            return new SandboxJob(Id, IsTerminal ? "shell" : "job", Command, TimeText.Of(Started), _exit is null, _ring.End, _exit?.Code, _exit?.Signal is { } signal ? Signal.Name(signal) : null);
        }
    }

    /// <summary>Signals it and what is in its process group; of a terminal the programs in front as well.</summary>
    internal async Task SignalAsync(int signal)
    {
        if (signal == Signal.SIGKILL)
        {
            await _process.KillTreeAsync().ConfigureAwait(false);
            return;
        }

        foreach (var pid in _process.Members().Append(_process.Pid).Distinct())
        {
            if (ProcessStat.Of(pid) is { IsZombie: false } stat)
            {
                _ = KnownProcess.TrySignal(pid, stat.StartTicks, signal);
            }
        }
    }

    internal void Resize(int rows, int columns) => _terminal!.Resize(rows, columns);

    /// <summary>Its output from an offset on, and then as it comes, to its end.</summary>
    /// <exception cref="SandboxException">Too many look at it.</exception>
    internal async IAsyncEnumerable<SandboxOutputItem> WatchAsync(long offset, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var wake = new Wakeup();
        Add(wake);
        try
        {
            using var cancelled = cancellation.UnsafeRegister(static w => ((Wakeup)w!).Set(), wake);
            while (true)
            {
                cancellation.ThrowIfCancellationRequested();
                var item = Next(ref offset);
                if (item is null)
                {
                    await wake.WaitAsync().ConfigureAwait(false);
                    continue;
                }

                yield return item;
                if (item.Ended)
                {
                    yield break;
                }
            }
        }
        finally
        {
            lock (_lock)
            {
                _watchers.Remove(wake);
            }
        }
    }

    /// <summary>Takes a place among those who look at it.</summary>
    internal void CheckRoom()
    {
        lock (_lock)
        {
            if (_watchers.Count >= ExecLimits.MaxWatchers)
            {
                throw new SandboxException(ErrorCode.ResourceExhausted, SandboxReasons.TooManyWatchers, $"{ExecLimits.MaxWatchers} look at \"{Id}\" already; end one of those streams");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Ended.ConfigureAwait(false);
        await _pump.ConfigureAwait(false);
        Input?.Dispose();
        _output.Dispose();
        _errors?.Dispose();
        _terminal?.Dispose();
        _process.Dispose();
    }

    private void Add(Wakeup wake)
    {
        lock (_lock)
        {
            _watchers.Add(wake);
        }
    }

    private SandboxOutputItem? Next(ref long offset)
    {
        lock (_lock)
        {
            var bytes = _ring.Read(offset, ExecLimits.MaxAnswerBytes, out var from, out var isError);
            if (bytes.Length == 0 && !_ended)
            {
                return null;
            }

            var (lost, ended) = (Math.Max(from - offset, 0), bytes.Length == 0);
            offset = from + bytes.Length;
            ReadOnlyMemory<byte>? piece = bytes.Length > 0 ? bytes : default(ReadOnlyMemory<byte>?);
            return new SandboxOutputItem(Id, from, offset, isError ? null : piece, isError ? piece : null, lost, ended,
                ended ? _exit?.Code : null, ended && _exit?.Signal is { } signal ? Signal.Name(signal) : null);
        }
    }

    private async Task<ProcessExit> EndAsync()
    {
        var exit = await _process.Exited.ConfigureAwait(false);
        await _process.KillTreeAsync().ConfigureAwait(false);
        lock (_lock)
        {
            _exit = exit;
        }

        return exit;
    }

    private async Task PumpAsync()
    {
        _ = Ended.ContinueWith(static (_, w) => ((Wakeup)w!).Set(), _wake, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        while (true)
        {
            // Looked at before the output: what was printed before the end is then seen.
            var isOver = Ended.IsCompleted;
            var more = Take(_output, isError: false) | (_errors is not null && Take(_errors, isError: true));
            if (more)
            {
                Tell();
                continue;
            }

            if (isOver)
            {
                break;
            }

            _output.Arm();
            _errors?.Arm();
            await _wake.WaitAsync().ConfigureAwait(false);
        }

        lock (_lock)
        {
            _ended = true;
        }

        Tell();
    }

    private bool Take(OutputEnd end, bool isError)
    {
        var count = end.Read(_chunk);
        lock (_lock)
        {
            _ring.Append(_chunk.AsSpan(0, count), isError);
        }

        return count > 0;
    }

    private void Tell()
    {
        Wakeup[] watchers;
        lock (_lock)
        {
            watchers = [.. _watchers];
        }

        foreach (var watcher in watchers)
        {
            watcher.Set();
        }
    }
}
