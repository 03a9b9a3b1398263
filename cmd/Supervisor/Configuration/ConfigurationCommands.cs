using Microsoft.Extensions.Logging;
using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>
/// Compares and applies the configuration, one attempt after the other: whoever applies sees the node as the attempt before
/// left it.
/// </summary>
/// <param name="board">The node.</param>
/// <param name="loop">Takes the configuration.</param>
/// <param name="clock">The node's.</param>
/// <param name="read">Reads the configuration as it lies on disk.</param>
/// <param name="log">Told how each attempt ended.</param>
internal sealed class ConfigurationCommands(NodeBoard board, NodeLoop loop, NodeClock clock, Func<CheckedConfiguration> read, ILogger log) : IDisposable
{
    /// <summary>Attempts that wait for those before them; one more is refused.</summary>
    internal const int MaxWaiting = 16;

    private readonly SemaphoreSlim _turn = new(1);
    private int _waiting;
    private LastAttempt? _last;

    /// <summary>How the last attempt ended; null before the first.</summary>
    internal LastAttempt? Last => Volatile.Read(ref _last);

    /// <summary>Tells what would change, and changes nothing.</summary>
    internal Task<Reply<ConfigChange>> DiffAsync(CancellationToken cancellation) => InTurnAsync(
        next =>
        {
            // The machine is a function: what it would do is asked of itself.
            var before = board.Current.State;
            var step = NodeMachine.Apply(before, new NodeEvent.Reconfigure(next.Plan!), clock.Now);
            return Task.FromResult(ErrorOf(step.Result) is { } error
                ? (Reply<ConfigChange>)error
                : ConfigurationReports.Of(before, step.State, next.Plan!, ConfigurationReports.Differs) with { Generation = before.Generation });
        },
        cancellation);

    /// <summary>Applies the configuration; answered when that is decided and under way.</summary>
    internal async Task<Reply<ConfigChange>> ApplyAsync(CancellationToken cancellation)
    {
        var reply = await InTurnAsync(next => ApplyAsync(next, cancellation), cancellation).ConfigureAwait(false);
        Tell(reply);
        return reply;
    }

    public void Dispose() => _turn.Dispose();

    private async Task<Reply<ConfigChange>> ApplyAsync(CheckedConfiguration next, CancellationToken cancellation)
    {
        var reply = await loop.ReconfigureAsync(next).WaitAsync(cancellation).ConfigureAwait(false);
        return ErrorOf(reply.Result) is { } error ? error
            : reply.Faults.Count > 0 ? ConfigurationReports.Refused([.. reply.Faults.Select(next.Locate)], reply.Before.Generation)
            : ConfigurationReports.Of(reply.Before, reply.After, next.Plan!, ConfigurationReports.Applied);
    }

    private async Task<Reply<ConfigChange>> InTurnAsync(Func<CheckedConfiguration, Task<Reply<ConfigChange>>> act, CancellationToken cancellation)
    {
        if (Interlocked.Increment(ref _waiting) > MaxWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            return RpcError.Unavailable($"{MaxWaiting} wait already to compare or apply the configuration; try again", "too_many_commands");
        }

        try
        {
            await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }

        try
        {
            var next = await Task.Run(read, CancellationToken.None).ConfigureAwait(false);
            return next.Plan is null ? ConfigurationReports.Refused(next.Faults, board.Current.State.Generation) : await act(next).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    private void Tell(Reply<ConfigChange> reply)
    {
        if (reply.Error is { } error)
        {
            log.ConfigurationNotApplied(error.Message);
            return;
        }

        var change = reply.Value!;
        Volatile.Write(ref _last, new LastAttempt(clock.Now.Wall, change.Outcome));
        if (change.Outcome != ConfigurationReports.RefusedOutcome)
        {
            log.ConfigurationApplied(change.Generation, change.Outcome, change.Services.Count);
            return;
        }

        foreach (var fault in change.Faults)
        {
            log.ConfigurationFault(new LocatedFault(fault.File, fault.Line, fault.Column, fault.Field, fault.Message).ToString());
        }

        log.ConfigurationRefused(change.Faults.Count + (change.MoreFaults ?? 0), change.Generation);
    }

    private static RpcError? ErrorOf(CommandResult result) => result.Status switch
    {
        CommandStatus.Ok => null,
        CommandStatus.Conflict => RpcError.Conflict(result.Message) with { Reason = "wrong_state" },
        _ => RpcError.Unavailable(result.Message, "shutting_down"),
    };
}
