using System.Globalization;

namespace Strata.Supervision;

/// <summary>The ranges of a manifest's numbers.</summary>
internal static class PolicyChecks
{
    internal static void Check(ServiceManifest manifest, FaultList faults)
    {
        Range(faults, "stop.drain", manifest.DrainTimeout, ManifestRanges.Drain);
        if (manifest.Readiness is null || manifest.Backoff is null || manifest.Quarantine is null || manifest.Log is null)
        {
            faults.Add("policies", "readiness, restart, quarantine and log must not be null; leave them out for the defaults");
            return;
        }

        CheckReadiness(manifest.Readiness.Method, manifest.EffectiveSocketName is not null, faults);
        Known(faults, "stop.signal", manifest.StopSignal, "SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1 or SIGUSR2");
        Range(faults, "readiness.timeout", manifest.ReadyTimeout, manifest.DoesWorkAndEnds ? ManifestRanges.OneshotTimeout : ManifestRanges.ReadinessTimeout);
        if (manifest.Watchdog is { } watchdog)
        {
            Range(faults, "watchdog.interval", watchdog.Interval, ManifestRanges.WatchdogInterval);
            Known(faults, "watchdog.source", watchdog.Source, "\"notify\" or \"ping\"");
        }

        Known(faults, "restart.policy", manifest.Restart, "\"always\", \"on_failure\" or \"never\"");
        Known(faults, "strategy", manifest.Strategy, "\"one_for_one\", \"rest_for_one\" or \"one_for_all\"");
        CheckBackoff(manifest.Backoff, faults);
        Range(faults, "fd_store_max", manifest.FdStoreMax, ManifestRanges.StoredDescriptors);
        Range(faults, "quarantine.crashes", manifest.Quarantine.Crashes, ManifestRanges.QuarantineCrashes);
        Range(faults, "quarantine.window", manifest.Quarantine.Window, ManifestRanges.QuarantineWindow);
        CheckLog(manifest.Log, faults);
    }

    private static void CheckReadiness(ReadinessMethod method, bool hasSocket, FaultList faults)
    {
        Known(faults, "readiness.method", method, "\"notify\", \"fd\" or \"none\"");
        if (method == ReadinessMethod.Connection)
        {
            faults.Add("readiness.method", !hasSocket
                ? "\"socket\" is impossible: it has no socket; use \"notify\", \"fd\" or \"none\""
                : "\"socket\" would prove nothing, since the supervisor holds the socket from before the start; use \"notify\", \"fd\" or \"none\"");
        }
    }

    private static void CheckLog(LogPolicy log, FaultList faults)
    {
        Range(faults, "log.max_bytes", log.MaxBytes, ManifestRanges.LogBytes);
        Range(faults, "log.files", log.Files, ManifestRanges.LogFiles);
        Range(faults, "log.rate", log.Rate, ManifestRanges.LogRate);
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

    private static void Known<T>(FaultList faults, string field, T value, string choices)
        where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
        {
            faults.Add(field, $"must be {choices}");
        }
    }

    internal static void Range(FaultList faults, string field, TimeSpan value, ValueRange<TimeSpan> range) =>
        Range(faults, field, value, range, DurationText.Of);

    internal static void Range(FaultList faults, string field, long value, ValueRange<long> range) =>
        Range(faults, field, value, range, SizeText.Of);

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
