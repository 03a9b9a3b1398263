using System.Runtime.CompilerServices;
using Strata.Contracts;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>Carries one command of <c>sandbox.exec</c> from its start to its end: output, time, bounds, and the end of its caller.</summary>
/// <param name="run">The command; owned.</param>
/// <param name="wake">Woken by its outputs.</param>
/// <param name="time">The clock.</param>
internal sealed class Execution(IRun run, Wakeup wake, TimeProvider time)
{
    // A timer may ring a little before its time by the other clock: that it rang is what counts.
    private volatile bool _rang;

    /// <summary>How long it may run.</summary>
    internal required TimeSpan Timeout { get; init; }

    /// <summary>Most bytes given back.</summary>
    internal required long MaxBytes { get; init; }

    /// <summary>Whether output is given as it comes, or all with the last item.</summary>
    internal required bool Streams { get; init; }

    /// <summary>The items; whoever stops taking them ends the command.</summary>
    internal async IAsyncEnumerable<SandboxExecItem> ItemsAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var began = time.GetTimestamp();
        var output = new KeptOutput(run.Output);
        var errors = new KeptOutput(run.Errors);
        var timedOut = false;
        try
        {
            using var cancelled = cancellation.UnsafeRegister(static w => ((Wakeup)w!).Set(), wake);
            await using var timer = time.CreateTimer(static e => ((Execution)e!).Ring(), this, Timeout, System.Threading.Timeout.InfiniteTimeSpan).ConfigureAwait(false);
            _ = run.Ended.ContinueWith(static (_, w) => ((Wakeup)w!).Set(), wake, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            while (true)
            {
                // Looked at before the output: what was printed before the end is then seen.
                var isOver = run.Ended.IsCompleted;
                var more = Take(output, errors) | Take(errors, output);
                if (Streams && (output.Filled > 0 || errors.Filled > 0))
                {
                    yield return new SandboxExecItem(output.Piece(), errors.Piece());
                    output.Clear();
                    errors.Clear();
                    continue;
                }

                cancellation.ThrowIfCancellationRequested();
                if (more)
                {
                    continue;
                }

                if (isOver && !await AgainAsync().ConfigureAwait(false))
                {
                    break;
                }

                if (!isOver && !timedOut && _rang)
                {
                    timedOut = true;
                    await StopAsync().ConfigureAwait(false);
                    continue;
                }

                run.Output.Arm();
                run.Errors.Arm();
                await wake.WaitAsync().ConfigureAwait(false);
            }

            yield return new SandboxExecItem(output.Piece(), errors.Piece(), EndOf(await run.Ended.ConfigureAwait(false), began, timedOut, output, errors));
        }
        finally
        {
            await StopAsync().ConfigureAwait(false);
            run.Dispose();
        }
    }

    private bool Take(KeptOutput one, KeptOutput other)
    {
        var waiting = one.Filled + other.Filled;
        return one.Take(MaxBytes - one.Given - other.Given - waiting, ExecLimits.MaxAnswerBytes - waiting);
    }

    private void Ring()
    {
        _rang = true;
        wake.Set();
    }

    private async Task<bool> AgainAsync()
    {
        if (!run.Output.WasNeverOpened || !await run.RepeatAsync().ConfigureAwait(false))
        {
            return false;
        }

        _ = run.Ended.ContinueWith(static (_, w) => ((Wakeup)w!).Set(), wake, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return true;
    }

    /// <summary>Interrupts, waits a moment, kills; nothing when it is over.</summary>
    private async Task StopAsync()
    {
        if (run.Ended.IsCompleted)
        {
            return;
        }

        run.Interrupt();
        await Task.WhenAny(run.Ended, Task.Delay(ExecLimits.Grace, time)).ConfigureAwait(false);
        // Also what the command left behind when it heeded the interrupt.
        await run.KillAsync().ConfigureAwait(false);
        await ((Task)run.Ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private SandboxExecEnd EndOf(RunEnd end, long began, bool timedOut, KeptOutput output, KeptOutput errors) => new(
        Math.Round(time.GetElapsedTime(began).TotalMilliseconds, 3),
        timedOut,
        output.Given + errors.Given + output.Filled + errors.Filled < run.Output.Total + run.Errors.Total,
        run.Output.Total,
        run.Errors.Total,
        end.ShellRestarted,
        end.ExitCode,
        end.Signal is { } signal ? Signal.Name(signal) : null,
        end.Cwd);
}
