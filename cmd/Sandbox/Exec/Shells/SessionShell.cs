using System.Globalization;
using System.Text;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>
/// The shell of a session, in which directory, variables, functions and background jobs last from one command to the next. One command at a time;
/// others stand in line. When it has ended another takes its place, with its directory and its exported variables.
/// </summary>
internal sealed class SessionShell(SandboxSession session, DescriptorLoop loop, Lingering lingering, TimeProvider time) : IAsyncDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private ChannelDirectory? _channel;
    private ShellProcess? _shell;
    private string? _directory;
    private byte[]? _environment;
    private long _lastNumber;
    private int _waiting;
    private bool _disposed;

    /// <summary>Where it is, as far as it said.</summary>
    internal string? Directory => _directory;

    /// <summary>Begins a command once it is its turn; the end of the run is the end of its turn.</summary>
    /// <exception cref="SandboxException">Too many wait, there is no such shell, or it cannot be started.</exception>
    internal async Task<ShellRun> BeginAsync(SessionUse use, ProgramWish wish, ReadOnlyMemory<byte>? input, bool staysOpen, Wakeup wake, CancellationToken cancellation)
    {
        await TakeTurnAsync(cancellation).ConfigureAwait(false);
        try
        {
            var run = new ShellRun(this, use, wish, Interlocked.Increment(ref _lastNumber), Channel(use));
            try
            {
                run.Prepare(loop, wake, input, staysOpen);
                await run.BeginAsync(cancellation).ConfigureAwait(false);
                return run;
            }
            catch
            {
                run.Discard();
                throw;
            }
        }
        catch
        {
            _turn.Release();
            throw;
        }
    }

    /// <summary>The shell that lives, or a new one.</summary>
    /// <returns>The shell, and whether one before it had ended.</returns>
    internal async Task<(ShellProcess Shell, bool Anew)> ShellAsync(SessionUse use, CancellationToken cancellation)
    {
        var anew = false;
        if (_shell is { Exited.IsCompleted: true } ended)
        {
            Bury(ended);
            anew = true;
        }

        _shell ??= await ShellProcess.StartAsync(
            loop, use, _channel!, Interlocked.Increment(ref _lastNumber), _directory, _environment, cancellation).ConfigureAwait(false);
        return (_shell, anew);
    }

    /// <summary>Keeps what a shell said of itself for its successor.</summary>
    internal void Note(ShellStatus status) => (_directory, _environment) = (status.Directory ?? _directory, status.Environment ?? _environment);

    /// <summary>Notes the end of a shell.</summary>
    internal void Bury(ShellProcess shell)
    {
        shell.ReadLast();
        _environment = shell.Variables ?? _environment;
        if (shell.LastWords is { } status)
        {
            Note(status);
        }

        shell.Remove(_channel!);
        shell.Dispose();
        _shell = _shell == shell ? null : _shell;
    }

    /// <summary>A command's output that somebody in the background still holds.</summary>
    internal void Leave(OutputEnd output)
    {
        if (output.Duplicate() is { } held)
        {
            lingering.Add(held);
        }
    }

    internal void EndTurn() => _turn.Release();

    /// <summary>
    /// The processes of a command: those that began since it did and descend from the shell, are in its session, or carry the command's number in their
    /// variables, as one does that has detached itself from all that.
    /// </summary>
    internal IReadOnlyList<(int Pid, ulong StartTicks)> Since(SessionUse use, ShellProcess shell, BeginMark began, long number)
    {
        var own = shell.Members().ToHashSet();
        var mark = Encoding.ASCII.GetBytes($"{ShellLines.Mark}={number.ToString(CultureInfo.InvariantCulture)}\0");
        return [.. began.Later(own.Union(ProcessTree.Of(use.Sandbox.InitPid)).Where(pid => pid != shell.Pid && pid != use.Sandbox.InitPid), time)
            .Where(p => own.Contains(p.Pid) || ProcessStat.Of(p.Pid)?.Session == shell.Pid || ProcessTree.HasVariable(p.Pid, mark))];
    }

    internal BeginMark Now() => BeginMark.Now(time);

    internal Task ShellGrace() => Task.Delay(ExecLimits.ShellGrace, time);

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        // The sandbox is killed: whoever has the turn ends.
        await _turn.WaitAsync().ConfigureAwait(false);
        if (_shell is { } shell)
        {
            await shell.Exited.ConfigureAwait(false);
            shell.Dispose();
        }

        _channel?.Dispose();
        _turn.Release();
    }

    private async Task TakeTurnAsync(CancellationToken cancellation)
    {
        if (!_turn.Wait(0, CancellationToken.None))
        {
            if (Interlocked.Increment(ref _waiting) > ExecLimits.MaxWaiting)
            {
                Interlocked.Decrement(ref _waiting);
                throw new SandboxException(ErrorCode.ResourceExhausted, SandboxReasons.TooManyExecs,
                    $"{ExecLimits.MaxWaiting} commands wait for the session's shell already; try again later, or run it with stateless: true");
            }

            try
            {
                using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, session.Ended);
                await _turn.WaitAsync(either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                throw SandboxSession.NotFound();
            }
            finally
            {
                Interlocked.Decrement(ref _waiting);
            }
        }

        if (_disposed)
        {
            _turn.Release();
            throw SandboxSession.NotFound();
        }
    }

    private ChannelDirectory Channel(SessionUse use) =>
        _channel ??= ChannelDirectory.Open(use.Sandbox) ?? throw ProgramStart.NoShell("run it with stateless: true");
}
