using System.Collections.Immutable;
using System.Globalization;

namespace Strata.Supervision;

/// <summary>Checks when a timer runs, and what a timer may declare.</summary>
internal static class TimerChecks
{
    internal static void Check(ServiceManifest manifest, FaultList faults)
    {
        if (manifest.Kind != ServiceKind.Timer)
        {
            if (manifest.Timer is not null)
            {
                faults.Add("timer", "only a service of the kind \"timer\" runs at times; set the kind, or leave this out");
            }

            return;
        }

        if (manifest.Strategy != RestartStrategy.OneForOne)
        {
            faults.Add("strategy", "nobody stands on a timer, so nobody is restarted with it; leave it out");
        }

        if (manifest.Timer is not { } timer || (timer.Every is null && timer.At is null))
        {
            faults.Add("timer", "a timer needs a time: \"timer\": { \"every\": \"5m\" }, or { \"at\": \"03:30\" }");
            return;
        }

        CheckTimes(timer, faults);
    }

    /// <summary>Services that require a timer.</summary>
    internal static IEnumerable<ManifestFault> OfRequirers(ImmutableArray<ServiceManifest> all)
    {
        var timers = all.Where(m => m.Kind == ServiceKind.Timer && m.Name is not null).Select(m => m.Name).ToHashSet(StringComparer.Ordinal);
        return from service in all
               where !service.Requires.IsDefault
               from required in service.Requires.Index()
               where required.Item is not null && timers.Contains(required.Item)
               select new ManifestFault(service.Name, "requires", $"{required.Item} is a timer and never Healthy; require a oneshot, or name it in after")
               {
                   Item = string.Create(CultureInfo.InvariantCulture, $"requires[{required.Index}]"),
               };
    }

    private static void CheckTimes(TimerPolicy timer, FaultList faults)
    {
        if (timer is { Every: not null, At: not null })
        {
            faults.Add("timer.at", "every and at exclude each other; keep one");
        }

        if (timer.Every is { } every)
        {
            PolicyChecks.Range(faults, "timer.every", every, ManifestRanges.TimerEvery);
            if (timer.Zone != TimeZoneInfo.Utc)
            {
                faults.Add("timer.timezone", "every counts the time that passes, which is the same in all zones; leave it out");
            }
        }

        PolicyChecks.Range(faults, "timer.jitter", timer.Jitter, ManifestRanges.TimerJitter);
        if (timer.Jitter >= timer.Every)
        {
            faults.Add("timer.jitter", $"is {DurationText.Of(timer.Jitter)}, must be less than timer.every");
        }
    }
}
