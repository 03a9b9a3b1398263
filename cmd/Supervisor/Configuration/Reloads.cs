using Microsoft.Extensions.Logging;
using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Supervisor;

/// <summary>
/// Wishes of the service manager that the configuration be applied, which come as signals: one attempt at a time, told of before and after. However many come
/// during one, one more follows it, which begins after the last of them and so answers them all.
/// </summary>
/// <param name="apply">Applies the configuration.</param>
/// <param name="manager">Told.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Told of faults.</param>
internal sealed class Reloads(Func<CancellationToken, Task<Reply<ConfigChange>>> apply, ServiceManager manager, TimeProvider time, ILogger log)
{
    private const int Idle = 0;
    private const int Running = 1;
    private const int Asked = 2;

    private int _state;

    /// <summary>Asks for an attempt; does not wait for it.</summary>
    internal void Ask()
    {
        if (Interlocked.Exchange(ref _state, Asked) == Idle)
        {
            _ = Task.Run(RunAsync);
        }
    }

    private async Task RunAsync()
    {
        do
        {
            // Before the time is told: a wish that comes from here on is answered by the next attempt.
            Volatile.Write(ref _state, Running);
            manager.Reloading();
            var outcome = "the configuration was not applied";
            await EnduringWork.RunAsync(
                "applying the configuration", async cancellation => outcome = Describe(await apply(cancellation).ConfigureAwait(false)), time, log, CancellationToken.None).ConfigureAwait(false);
            manager.Reloaded(outcome);
        }
        while (Interlocked.CompareExchange(ref _state, Idle, Running) != Running);
    }

    private static string Describe(Reply<ConfigChange> reply) => reply switch
    {
        { Error: { } error } => $"the configuration was not applied: {error.Message}",
        { Value: { Outcome: ConfigurationReports.RefusedOutcome } change } =>
            $"configuration refused: {change.Faults.Count + (change.MoreFaults ?? 0)} faults, told by strata-ctl config check; configuration {change.Generation} stays in force",
        var good => $"configuration {good.Value!.Generation} in force",
    };
}
