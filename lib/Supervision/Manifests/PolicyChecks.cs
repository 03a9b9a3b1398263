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
        if (manifest.Readiness is null || manifest.Backoff is null || manifest.Quarantine is null)
        {
            faults.Add("policies", "readiness, restart and quarantine must not be null; leave them out for the defaults");
            return;
        }

        CheckReadiness(manifest.Readiness.Method, faults);
        Known(faults, "stop.signal", manifest.StopSignal, "SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1 or SIGUSR2");
        Range(faults, "readiness.timeout_ms", manifest.ReadyTimeout, Shortest, manifest.Kind == ServiceKind.Oneshot ? Day : TimeSpan.FromMinutes(10));
        if (manifest.Watchdog is { } watchdog)
        {
            Range(faults, "watchdog.interval_ms", watchdog.Interval, Shortest, Hour);
            Known(faults, "watchdog.source", watchdog.Source, "\"notify\" or \"ping\"");
        }

        Known(faults, "restart.policy", manifest.Restart, "\"always\", \"on_failure\" or \"never\"");
        Known(faults, "strategy", manifest.Strategy, "\"one_for_one\", \"rest_for_one\" or \"one_for_all\"");
        CheckBackoff(manifest.Backoff, faults);
        Range(faults, "quarantine.crashes", manifest.Quarantine.Crashes, 1, 100);
        Range(faults, "quarantine.window_ms", manifest.Quarantine.Window, TimeSpan.FromSeconds(1), Day);
    }

    private static void CheckReadiness(ReadinessMethod method, FaultList faults)
    {
        Known(faults, "readiness.method", method, "\"notify\" or \"none\"");
        if (method == ReadinessMethod.Socket)
        {
            faults.Add("readiness.method", "\"socket\" would prove nothing, since the supervisor holds the socket from before the start; use \"notify\", or \"none\"");
        }
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

    private static void Known<T>(FaultList faults, string field, T value, string choices)
        where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
        {
            faults.Add(field, $"must be {choices}");
        }
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
