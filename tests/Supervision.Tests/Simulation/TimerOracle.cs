namespace Strata.Supervision.Tests.Simulation;

/// <summary>
/// Timers told a second time, from records and the clocks alone: a run by the clock comes at its time and not twice for one, and
/// whoever waits has a time that is not further off than the calendar makes it.
/// </summary>
internal sealed class TimerOracle
{
    // The time of the last scheduled run by the monotonic clock, and how often the wall clock had leapt by then. Runs that make up for another have no time.
    private readonly Dictionary<string, (TimeSpan At, int Leaps, ServiceManifest Manifest)> _runs = new(StringComparer.Ordinal);
    private TimeSpan _offset;
    private int _leaps;

    internal void Check(NodeState before, NodeEvent happened, Step step, NodeTime now)
    {
        var offset = now.Wall - DateTimeOffset.UnixEpoch - now.Monotonic;
        (_leaps, _offset) = (offset == _offset ? _leaps : _leaps + 1, offset);
        foreach (var effect in step.Effects)
        {
            if (effect is Effect.Emit { Record: { Service: { } name, From: ServiceState.Waiting, To: ServiceState.Starting } })
            {
                CheckRun(before, happened, step.State.Services[name], now);
            }
        }

        foreach (var (name, service) in step.State.Services)
        {
            if (service.State == ServiceState.Waiting && !ReferenceEquals(before.Services.GetValueOrDefault(name), service))
            {
                CheckWait(service, now);
            }
        }
    }

    private void CheckRun(NodeState before, NodeEvent happened, ServiceStatus service, NodeTime now)
    {
        if (happened is not NodeEvent.Tick)
        {
            Claim.That(happened is NodeEvent.Start or NodeEvent.Restart or NodeEvent.Reconfigure, $"{service.Name} runs by itself before its time");
            return;
        }

        var policy = before.Services[service.Name].Manifest.Timer!;
        var schedule = before.Services[service.Name].Schedule!;
        if (_runs.TryGetValue(service.Name, out var last) && ReferenceEquals(last.Manifest, service.Manifest) && !schedule.Owed)
        {
            var gap = policy.Every ?? TimeSpan.FromHours(20);
            var apart = now.Monotonic - last.At;
            // A leap of the wall clock may bring a time of day near; without one, two runs are apart as declared.
            Claim.That(apart > gap - policy.Jitter - TimeSpan.FromSeconds(1) || (policy.At is not null && _leaps != last.Leaps), $"{service.Name} runs twice within {apart}");
        }

        Claim.That(policy.At is null || schedule.Owed || policy.CatchUp || -schedule.Left(now) <= TimerSchedule.Grace, $"{service.Name} runs long after its time");
        Claim.That(schedule.Left(now) <= TimeSpan.Zero, $"{service.Name} runs before its time");
        if (schedule.Owed)
        {
            _runs.Remove(service.Name);
        }
        else
        {
            _runs[service.Name] = (now.Monotonic + schedule.Left(now), _leaps, service.Manifest);
        }
    }

    private static void CheckWait(ServiceStatus service, NodeTime now)
    {
        var (policy, schedule) = (service.Manifest.Timer!, service.Schedule!);
        Claim.That(schedule.IsPending, $"{service.Name} waits for no time");
        Claim.That(schedule.Left(now) <= (policy.Every ?? policy.At!.LongestGap) + policy.Jitter, $"{service.Name} waits for {schedule.Left(now)}, longer than it ever should");
        Claim.That(policy.At is null || service.Timer!.Value.Due - now.Monotonic <= TimerSchedule.ClockCheck, $"{service.Name} does not look at the clock");
    }
}
