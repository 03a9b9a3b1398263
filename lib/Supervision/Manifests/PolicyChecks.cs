using System.Globalization;

namespace Strata.Supervision;

/// <summary>The ranges of a manifest's numbers.</summary>
internal static class PolicyChecks
{
    internal static void Check(ServiceManifest manifest, FaultList faults)
    {
        Range(faults, "stop.drain", manifest.DrainTimeout, ManifestRanges.Drain);
        if (manifest.Readiness is null || manifest.Backoff is null || manifest.Quarantine is null)
        {
            faults.Add("policies", "readiness, restart and quarantine must not be null; leave them out for the defaults");
            return;
        }

        Range(faults, "readiness.timeout", manifest.Readiness.Timeout, ManifestRanges.ReadinessTimeout);
        if (manifest.Watchdog is { } watchdog)
        {
            Range(faults, "watchdog.interval", watchdog.Interval, ManifestRanges.WatchdogInterval);
            if (!Enum.IsDefined(watchdog.Source))
            {
                faults.Add("watchdog.source", "must be \"notify\" or \"ping\"");
            }
        }

        CheckBackoff(manifest.Backoff, faults);
        Range(faults, "quarantine.crashes", manifest.Quarantine.Crashes, ManifestRanges.QuarantineCrashes);
        Range(faults, "quarantine.window", manifest.Quarantine.Window, ManifestRanges.QuarantineWindow);
    }

    private static void CheckBackoff(BackoffPolicy backoff, FaultList faults)
    {
        Range(faults, "restart.max", backoff.Max, ManifestRanges.Backoff);
        Range(faults, "restart.initial", backoff.Initial, ManifestRanges.Backoff);
        if (backoff.Initial > backoff.Max)
        {
            faults.Add("restart.initial", $"is {DurationText.Of(backoff.Initial)}, longer than restart.max, which is {DurationText.Of(backoff.Max)}");
        }

        Range(faults, "restart.factor", backoff.Factor, ManifestRanges.BackoffFactor);
        Range(faults, "restart.jitter", backoff.Jitter, ManifestRanges.BackoffJitter);
        Range(faults, "restart.reset_after", backoff.ResetAfter, ManifestRanges.BackoffReset);
    }

    internal static void Range(FaultList faults, string field, TimeSpan value, ValueRange<TimeSpan> range) =>
        Range(faults, field, value, range, DurationText.Of);

    internal static void Range(FaultList faults, string field, double value, ValueRange<double> range) =>
        Range(faults, field, value, range, number => number.ToString(CultureInfo.InvariantCulture));

    internal static void Range(FaultList faults, string field, int value, ValueRange<int> range) =>
        Range(faults, field, value, range, number => number.ToString(CultureInfo.InvariantCulture));

    // NaN compares as less than everything, and so is a fault too.
    private static void Range<T>(FaultList faults, string field, T value, ValueRange<T> range, Func<T, string> text)
        where T : IComparable<T>
    {
        if (value.CompareTo(range.Least) < 0 || value.CompareTo(range.Most) > 0)
        {
            faults.Add(field, $"is {text(value)}, must be {text(range.Least)} to {text(range.Most)}");
        }
    }
}
