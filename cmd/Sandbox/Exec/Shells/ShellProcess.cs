using System.Text;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>One shell of a session, from its start to its end.</summary>
internal sealed class ShellProcess : IDisposable
{
    private readonly SandboxedProcess _process;
    private readonly FileDescriptor _lines;
    private readonly WatchedPipe _reports;
    private readonly ShellReport _report = new();
    private readonly Lock _lock = new();
    private readonly byte[] _buffer = new byte[16 * 1024];
    private long _expected;
    private long? _unfinished;
    private TaskCompletionSource<ShellStatus>? _waiting;

    private ShellProcess(long number, SandboxedProcess process, FileDescriptor lines, DescriptorLoop loop, FileDescriptor reports)
    {
        (Number, _process, _lines) = (number, process, lines);
        // Room for a report's variables until the next command, or its end, has them read: nobody waits for those.
        _ = Descriptors.TrySetPipeSize(reports.Number, ExecLimits.MaxReportBytes);
        _reports = loop.Watch(reports, EpollEvents.Readable, Read);
    }

    /// <summary>Its number within the session; no other shell ever has it.</summary>
    internal long Number { get; }

    /// <summary>Completes when it has ended, however.</summary>
    internal Task<ProcessExit> Exited => _process.Exited;

    /// <summary>What it said when it ended by itself; null while it did not.</summary>
    internal ShellStatus? LastWords { get; private set; }

    /// <summary>The exported variables that it told last, as commands that set them again; null before it did.</summary>
    internal byte[]? Variables { get; private set; }

    /// <summary>Starts one.</summary>
    /// <param name="loop">Waits for its reports.</param>
    /// <param name="use">The session.</param>
    /// <param name="channel">Where its pipes are.</param>
    /// <param name="number">Its number.</param>
    /// <param name="directory">Where it starts; when that is gone, where a new session starts.</param>
    /// <param name="environment">Exported variables of the one before; null for none.</param>
    /// <param name="cancellation">Ends the start.</param>
    internal static async Task<ShellProcess> StartAsync(
        DescriptorLoop loop, SessionUse use, ChannelDirectory channel, long number, string? directory, byte[]? environment, CancellationToken cancellation)
    {
        var report = ShellLines.NameOf('r', number);
        using var lines = Pipe.Create(nonBlockingReader: false);
        using var reports = channel.MakeReports(report);
        var process = await StartBashAsync(use, lines.Reader.Number, directory, cancellation).ConfigureAwait(false);
        var shell = new ShellProcess(number, process, ProgramRun.NonBlocking(lines.Writer), loop, new FileDescriptor(reports.Release()));
        shell.Tell(ShellLines.First(channel.Inside, number));
        if (environment is { Length: > 0 })
        {
            channel.Write(ShellLines.NameOf('v', number), environment);
            shell.Tell(ShellLines.Restore(channel.Inside, number));
        }

        return shell;
    }

    /// <summary>Tells it lines; false when it does not take them, which a shell that is well does.</summary>
    internal bool Tell(string lines)
    {
        var bytes = Encoding.UTF8.GetBytes(lines);
        return Descriptors.TryWrite(_lines.Number, bytes) == bytes.Length;
    }

    /// <summary>The report of a command that is told next, without the variables.</summary>
    internal Task<ShellStatus> Expect(long number)
    {
        // The variables after the last command, before anybody is to be woken by what comes.
        _reports.Fire();
        Task<ShellStatus> said;
        lock (_lock)
        {
            _expected = number;
            _waiting = new TaskCompletionSource<ShellStatus>();
            said = _waiting.Task;
        }

        _reports.Arm();
        return said;
    }

    /// <summary>Interrupts it: it gives up what it does and takes the next line.</summary>
    internal void Interrupt() => _process.Signal(Signal.SIGINT, group: false);

    /// <summary>It and all that was started in it.</summary>
    internal IReadOnlyList<int> Members() => _process.Members();

    internal int Pid => _process.Pid;

    /// <summary>Kills it and all that was started in it.</summary>
    internal Task KillAsync() => _process.KillTreeAsync();

    /// <summary>Kills some of what was started in it.</summary>
    internal Task KillAsync(Func<IReadOnlyList<(int Pid, ulong StartTicks)>> whom) => _process.KillAsync(whom);

    /// <summary>Removes its files; who has them open keeps them.</summary>
    internal void Remove(ChannelDirectory channel)
    {
        channel.Remove(ShellLines.NameOf('r', Number));
        channel.Remove(ShellLines.NameOf('v', Number));
    }

    /// <summary>Reads what it may still have said.</summary>
    internal void ReadLast() => _reports.Fire();

    public void Dispose()
    {
        _reports.Dispose();
        _lines.Dispose();
        _process.Dispose();
    }

    private static async Task<SandboxedProcess> StartBashAsync(SessionUse use, int lines, string? directory, CancellationToken cancellation)
    {
        var start = new SandboxedStart
        {
            Program = "bash", Arguments = ["bash", "--norc", "--noprofile", "--noediting", "-i"], WorkingDirectory = use.Session.WorkingDirectory, Environment = ProgramStart.EnvironmentOf(use.Session), StandardInput = lines,
        };
        string[] places = directory is null ? [start.WorkingDirectory, "/"] : [directory, start.WorkingDirectory, "/"];
        foreach (var place in places)
        {
            try
            {
                return await use.Sandbox.StartAsync(start with { WorkingDirectory = place }, cancellation).ConfigureAwait(false);
            }
            catch (LinuxException e) when (ProgramStart.IsOfDirectory(e) && place != "/")
            {
            }
            catch (LinuxException e)
            {
                throw e.Errno == Errno.ENOENT
                    ? ProgramStart.NoShell("a session's own shell is bash; with stateless: true sh will do, with argv nothing is needed")
                    : ProgramStart.Fault(e, start.Program, place);
            }
        }

        throw new InvalidOperationException("there is always a last place");
    }

    private void Read()
    {
        TaskCompletionSource<ShellStatus>? done = null;
        ShellStatus? status = null;
        bool awaited;
        lock (_lock)
        {
            int count = 0;
            // The variables that follow, line by line, are left for the next time: whoever waits for the report goes on now.
            while (done is null && ((count = _reports.TryRead(_buffer)) > 0 || count == -Errno.EINTR))
            {
                _report.Append(_buffer.AsSpan(0, Math.Max(count, 0)));
                Finish();
                if (_waiting is not null && (status = _report.Look(_expected)) is not null)
                {
                    (done, _waiting, _unfinished) = (_waiting, null, _expected);
                    Finish();
                }
            }

            LastWords = _report.TryTake(ShellReport.OfExit) ?? LastWords;
            awaited = _waiting is not null && count == -Errno.EAGAIN;
        }

        if (awaited)
        {
            _reports.Arm();
        }

        done?.TrySetResult(status!);
    }

    /// <summary>Takes the variables of the last report, once they are whole.</summary>
    private void Finish()
    {
        if (_unfinished is { } number && _report.TryTake(number) is { } whole)
        {
            (_unfinished, Variables) = (null, whole.Environment);
        }
    }
}
