using System.Globalization;

namespace Strata.Supervision;

/// <summary>The ranges of a manifest's numbers.</summary>
internal static class PolicyChecks
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Day = TimeSpan.FromHours(24);

    internal static void Check(ServiceManifest manifest, FaultList faults)
    {
        Range(faults, "drain_ms", manifest.DrainTimeout, TimeSpan.Zero, ManifestLimits.MaxDrain);
        if (manifest.Readiness is null || manifest.Backoff is null || manifest.Quarantine is null || manifest.Log is null)
        {
            faults.Add("policies", "readiness, restart, quarantine and log must not be null; leave them out for the defaults");
            return;
        }

        Range(faults, "readiness.timeout_ms", manifest.Readiness.Timeout, Shortest, TimeSpan.FromMinutes(10));
        if (manifest.Watchdog is { } watchdog)
        {
            Range(faults, "watchdog.interval_ms", watchdog.Interval, Shortest, Hour);
            if (!Enum.IsDefined(watchdog.Source))
            {
                faults.Add("watchdog.source", "must be \"notify\" or \"ping\"");
            }
        }

        CheckBackoff(manifest.Backoff, faults);
        Range(faults, "quarantine.crashes", manifest.Quarantine.Crashes, 1, 100);
        Range(faults, "quarantine.window_ms", manifest.Quarantine.Window, TimeSpan.FromSeconds(1), Day);
        CheckLog(manifest.Log, faults);
    }

    private static void CheckLog(LogPolicy log, FaultList faults)
    {
        Range(faults, "log.max_bytes", log.MaxBytes, 64 * 1024, 1024 * 1024 * 1024);
        Range(faults, "log.files", log.Files, 1, 100);
        Range(faults, "log.rate", log.Rate, 1, 100_000);
    }

    private static void CheckBackoff(BackoffPolicy backoff, FaultList faults)
    {
        Range(faults, "restart.max_ms", backoff.Max, TimeSpan.FromMilliseconds(1), Hour);
        Range(faults, "restart.initial_ms", backoff.Initial, TimeSpan.FromMilliseconds(1), Hour);
        if (backoff.Initial > backoff.Max)
        {
            faults.Add("restart.initial_ms", "must not be longer than restart.max_ms");
        }

        Range(faults, "restart.factor", backoff.Factor, 1, 10);
        Range(faults, "restart.jitter", backoff.Jitter, 0, 0.5);
        Range(faults, "restart.reset_after_ms", backoff.ResetAfter, TimeSpan.FromSeconds(1), Day);
    }

    private static void Range(FaultList faults, string field, TimeSpan value, TimeSpan least, TimeSpan most) =>
        Range(faults, field, value.TotalMilliseconds, least.TotalMilliseconds, most.TotalMilliseconds);

    // Written so that NaN, for which every comparison is false, is a fault too.
    private static void Range(FaultList faults, string field, double value, double least, double most)
    {
        if (!(value >= least && value <= most))
        {
            faults.Add(field, string.Create(CultureInfo.InvariantCulture, $"is {value}, must be {least} to {most}"));
        }
    }
}
