using Strata.Ipc;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>A process that has gone into a sandbox.</summary>
internal sealed class EnteredProcess : SandboxedProcess
{
    private const int MaxHeldTicks = 50;
    private static readonly TimeSpan HeldInterval = TimeSpan.FromMilliseconds(20);

    private readonly Lock _guard = new();
    private readonly ChildProcess _process;
    private readonly DescriptorWatch _watch;
    private ProcessKin? _kin;
    private bool _reaped;

    private EnteredProcess(DescriptorWatch watch, ChildProcess process)
    {
        (_watch, _process) = (watch, process);
        Exited = ReapAsync(watch);
    }

    internal override int Pid => _process.Pid;

    internal override Task<ProcessExit> Exited { get; }

    /// <summary>Waits until a process that went in runs its program.</summary>
    internal static async Task<EnteredProcess> FollowAsync(DescriptorWatch watch, ScriptRun run, string program, Func<ProcessKin> kin, CancellationToken cancellation)
    {
        EnteredProcess? entered = null;
        try
        {
            while (true)
            {
                int read = run.TryRead(out string call, out int result);
                if (read == 1 && call == CallScript.ContinueName && result > 0)
                {
                    entered = new EnteredProcess(watch, ChildProcess.OfChild(result));
                    entered._kin = kin();
                }
                else if (read == 1)
                {
                    throw Failure(call, result, program);
                }
                else if (read == 0)
                {
                    return entered ?? throw new SandboxException(ErrorCode.Unavailable, SandboxReasons.SessionLost, "the sandbox ended while the program was started.");
                }
                else
                {
                    await watch.WhenReadableAsync(run.Report, cancellation).ConfigureAwait(false);
                }
            }
        }
        catch
        {
            if (entered is not null)
            {
                entered.Signal(Linux.Signal.SIGKILL, group: false);
                _ = await entered.Exited.ConfigureAwait(false);
                entered.Dispose();
            }

            throw;
        }
        finally
        {
            // Who went in first has ended, or is about to: it starts the second and no more.
            await watch.WhenReadableAsync(run.Process.Handle, CancellationToken.None).ConfigureAwait(false);
            _ = run.Process.TryReap(out _);
        }
    }

    internal override void Signal(int signal, bool group)
    {
        lock (_guard)
        {
            // A number means nobody else until it is reaped.
            if (!_reaped)
            {
                _ = group ? _process.TrySignalGroup(signal) : _process.TrySignal(signal);
            }
        }
    }

    internal override IReadOnlyList<int> Members() => _kin?.Members() ?? [];

    internal override async Task KillTreeAsync()
    {
        Signal(Linux.Signal.SIGKILL, group: false);
        if (_kin is not null)
        {
            await _kin.EndAsync(_watch).ConfigureAwait(false);
        }

        _ = await Exited.ConfigureAwait(false);
    }

    internal override Task KillAsync(Func<IReadOnlyList<(int Pid, ulong StartTicks)>> whom) => _kin?.EndAsync(whom, _watch) ?? Task.CompletedTask;

    // Whoever is done with a process that runs on leaves it to us to be reaped: a sandbox does not end before all in it are.
    public override void Dispose() => _ = CloseAsync();

    private async Task CloseAsync()
    {
        _ = await Exited.ConfigureAwait(false);
        _process.Dispose();
        _kin?.Dispose();
    }

    private static Exception Failure(string call, int result, string program) => call == "execve" || call == "chdir"
        ? new LinuxException(result, call, program)
        : new SandboxException(ErrorCode.Unavailable, SandboxReasons.SessionLost, $"the program was not started: {new LinuxException(result, call).Message}");

    private async Task<ProcessExit> ReapAsync(DescriptorWatch watch)
    {
        await watch.WhenReadableAsync(_process.Handle, CancellationToken.None).ConfigureAwait(false);
        using var timer = new PeriodicTimer(HeldInterval);
        for (int tick = 0; ; tick++)
        {
            lock (_guard)
            {
                if (_process.TryReap(out ProcessExit exit) != 0)
                {
                    _reaped = true;
                    return exit;
                }
            }

            // It has ended, but one who traces it is told first, and may never listen: neither we nor the sandbox's end wait for that.
            if (tick >= MaxHeldTicks)
            {
                NamespaceMembers.KillTracerOf(Pid);
            }

            _ = await timer.WaitForNextTickAsync().ConfigureAwait(false);
        }
    }
}
