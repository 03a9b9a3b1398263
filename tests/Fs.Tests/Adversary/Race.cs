using System.Globalization;

namespace Strata.Fs.Tests;

/// <summary>
/// Runs an attack beside calls. <c>STRATA_FS_RACE_SECONDS</c> makes it last longer, and <c>STRATA_FS_RACE_SWAPS</c> until the attacker has done so much; the long
/// run is a million.
/// </summary>
internal static class Race
{
    private static readonly TimeSpan? Longer = Setting("STRATA_FS_RACE_SECONDS") is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
    private static readonly long MinSwaps = Setting("STRATA_FS_RACE_SWAPS") ?? 0;

    /// <summary>What calls may be refused for while the ground moves.</summary>
    internal static string[] Refusals { get; } =
        ["path_outside_prefix", "not_found", "path_unsettled", "exists", "not_directory", "not_empty", "cross_device", "is_directory"];

    /// <summary>Attacks and calls until the time is over.</summary>
    /// <returns>How often the attacker struck.</returns>
    internal static async Task<long> RunAsync(TimeSpan lasts, Action attack, Func<int, Task> call)
    {
        using var done = new CancellationTokenSource();
        long swaps = 0;
        var attacking = Task.Factory.StartNew(
            () =>
            {
                while (!done.IsCancellationRequested)
                {
                    attack();
                    Interlocked.Increment(ref swaps);
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            var begun = TimeProvider.System.GetTimestamp();
            for (var i = 0; !attacking.IsCompleted && (TimeProvider.System.GetElapsedTime(begun) < (Longer ?? lasts) || Interlocked.Read(ref swaps) < MinSwaps); i++)
            {
                await call(i);
            }
        }
        finally
        {
            await done.CancelAsync();
            await attacking;
        }

        return swaps;
    }

    private static long? Setting(string name) =>
        long.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
}
