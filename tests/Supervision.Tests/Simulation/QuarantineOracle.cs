namespace Strata.Supervision.Tests.Simulation;

/// <summary>Quarantine told a second time, from nothing but the published records: who may be up after which crash.</summary>
internal sealed class QuarantineOracle
{
    private readonly Dictionary<string, List<TimeSpan>> _crashes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TimeSpan> _latest = new(StringComparer.Ordinal);

    internal void Check(NodeState before, NodeEvent happened, Step step)
    {
        if (happened is NodeEvent.Reconfigure)
        {
            Forgive(before, step.State);
        }

        if (step.Result.Status == CommandStatus.Ok && (happened as NodeEvent.Start)?.Name is { } started)
        {
            _crashes.Remove(started);
        }

        if (step.Result.Status == CommandStatus.Ok && (happened as NodeEvent.Restart)?.Name is { } restarted)
        {
            _crashes.Remove(restarted);
        }

        foreach (var record in step.Effects.OfType<Effect.Emit>().Select(e => e.Record))
        {
            Follow(record, step.State);
        }
    }

    // Whoever is made anew, or is measured anew, begins with a clean slate. Who is on the way down keeps what it has.
    private void Forgive(NodeState before, NodeState after)
    {
        foreach (var (name, was) in before.Services)
        {
            var isNow = after.Services.GetValueOrDefault(name);
            var measured = isNow?.Manifest.Quarantine != was.Manifest.Quarantine;
            var anew = isNow is not null && !(was.Manifest.Kind == ServiceKind.Timer && isNow.Manifest.Kind == ServiceKind.Timer) && !was.Leaving && Anew(was.Manifest) != Anew(isNow.Manifest)
                && was.State is not (ServiceState.Stopping or ServiceState.Stopped or ServiceState.Declared);
            if (measured || anew || was.Leaving != isNow!.Leaving || (was.State == ServiceState.Quarantined && isNow.State != was.State))
            {
                _crashes.Remove(name);
            }
        }
    }

    private static (ServiceKind, string, ReadinessMethod, TimeSpan?) Anew(ServiceManifest m) => (m.Kind, m.Program, m.Readiness.Method, m.Watchdog?.Interval);

    private void Follow(EventRecord record, NodeState node)
    {
        if (record.Service is not { } name)
        {
            return;
        }

        var crashes = _crashes.TryGetValue(name, out var known) ? known : _crashes[name] = [];
        if (record.Crash is { } crash)
        {
            _latest[name] = record.At.Monotonic;
            // Capabilities that cannot be had are no fault of the service.
            crashes.AddRange(crash.Kind == CrashKind.NotGranted ? [] : [record.At.Monotonic]);
        }

        if (record.From == ServiceState.Waiting)
        {
            crashes.Clear();
        }

        if (record.From == ServiceState.Crashed && record.To is ServiceState.Restarting or ServiceState.Quarantined)
        {
            // Counted at the crash, not when its process was finally gone.
            var policy = node.Services[name].Manifest.Quarantine;
            var recent = crashes.Count(at => _latest[name] - at < policy.Window);
            Claim.That(
                record.To == ServiceState.Quarantined == recent >= policy.Crashes,
                $"{name} is {record.To} after {recent} crashes of {policy.Crashes}");
        }
    }
}
