namespace Strata.Supervision.Tests.Simulation;

/// <summary>Quarantine told a second time, from nothing but the published records: who may be up after which crash.</summary>
internal sealed class QuarantineOracle
{
    private readonly Dictionary<string, List<TimeSpan>> _crashes = new(StringComparer.Ordinal);

    private readonly Dictionary<string, TimeSpan> _latest = new(StringComparer.Ordinal);

    internal void Check(NodeEvent happened, Step step)
    {
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
