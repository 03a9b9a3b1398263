using System.Globalization;

namespace Strata.Supervision;

/// <summary>What timers do inside the machine.</summary>
internal static class Timers
{
    /// <summary>Begins to wait, or goes on waiting, for the next time.</summary>
    internal static ServiceStatus Await(ServiceStatus service, NodeTransaction node)
    {
        var policy = service.Manifest.Timer!;
        var before = service.Schedule ?? new TimerSchedule();
        var schedule = before.IsPending ? before.Again(policy, node.Now) : First(before, service.Name, policy, node);
        schedule = WithJitter(before, schedule, policy, node);
        return service with
        {
            Process = null, Wanted = true, Listed = false, HealthySince = null, KillAttempts = 0, Schedule = schedule,
            Timer = new ServiceTimer(TimerKind.Schedule, node.Now.Monotonic + schedule.Wait(node.Now)),
        };
    }

    /// <summary>The pending time leads to a run.</summary>
    internal static ServiceStatus Run(ServiceStatus service, NodeTransaction node)
    {
        var policy = service.Manifest.Timer!;
        var schedule = service.Schedule!;
        return service with { Schedule = WithJitter(schedule, schedule.Run(policy, node.Now), policy, node) };
    }

    /// <summary>The time has come to look at the clock.</summary>
    internal static void Look(NodeTransaction node, ServiceStatus service)
    {
        var isDue = service.Schedule!.IsDue(node.Now);
        node.Fire(service.Name, isDue ? ServiceEvent.Due : ServiceEvent.AwaitTime, new Facts(service.Schedule.Owed ? "makes up for a time it missed" : "its time has come"));
    }

    /// <summary>Tells of times that passed without a run, and has runs remembered that a later node may have to make up for.</summary>
    internal static void Follow(NodeTransaction node, ServiceStatus before, ServiceStatus after)
    {
        if (after.Manifest.Timer is not { } policy)
        {
            return;
        }

        if (policy.CatchUp && after.Incarnation > before.Incarnation)
        {
            Remember(node, after.Name);
        }

        var skipped = (after.Schedule?.Skipped ?? 0) - (before.Schedule?.Skipped ?? 0);
        if (skipped > 0)
        {
            var why = before.State == ServiceState.Waiting ? "the clock leapt over them, or the machine slept" : "it had not ended by then";
            node.Log(EventKind.RunSkipped, $"{Words.Count((int)Math.Min(skipped, int.MaxValue), "time")} skipped: {why}", after, after);
        }
    }

    internal static string InWords(ServiceStatus service)
    {
        var schedule = service.Schedule!;
        var policy = service.Manifest.Timer!;
        var what = schedule.Owed ? "makes up for a time it missed"
            : policy.Every is { } every ? $"runs, as it does every {Words.Duration(every)}"
            : $"runs at {TimeZoneInfo.ConvertTime(schedule.WallAt!.Value, policy.Zone).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)} {policy.Zone.Id}";
        return what + (schedule.Skipped > 0 ? FormattableString.Invariant($"; {schedule.Skipped} of its times were skipped so far") : "");
    }

    private static TimerSchedule First(TimerSchedule before, string name, TimerPolicy policy, NodeTransaction node)
    {
        var known = node.State.LastRuns.TryGetValue(name, out var last);
        if (policy.CatchUp && !known)
        {
            // From now on it can be told whether a time was missed.
            Remember(node, name);
        }

        return before.First(policy, node.Now, known ? last : null);
    }

    private static void Remember(NodeTransaction node, string name)
    {
        var wall = node.Now.Wall;
        node.Change(state => state with { LastRuns = state.LastRuns.SetItem(name, wall) });
        node.Do(new Effect.RememberRun(name, wall));
    }

    private static TimerSchedule WithJitter(TimerSchedule before, TimerSchedule after, TimerPolicy policy, NodeTransaction node) =>
        (before.At, before.WallAt) == (after.At, after.WallAt) || policy.Jitter == TimeSpan.Zero ? after : after with { Delay = policy.Jitter * node.DrawJitter() };
}
