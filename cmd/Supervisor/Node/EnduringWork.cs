using Microsoft.Extensions.Logging;

namespace Strata.Supervisor;

/// <summary>
/// Work beside the node that must not end it: what follows and tells may fail, the services run on. A fault is logged and
/// the work begun again.
/// </summary>
internal static class EnduringWork
{
    internal static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Runs the work until it ends by itself or is cancelled.</summary>
    internal static async Task RunAsync(string name, Func<CancellationToken, Task> work, TimeProvider time, ILogger log, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await work(cancellation).ConfigureAwait(false);
                return;
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Whatever it was, it is logged, and no reason to stop services that run.
            catch (Exception e)
#pragma warning restore CA1031
            {
                log.WorkFault(name, e);
                await Task.Delay(Pause, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
