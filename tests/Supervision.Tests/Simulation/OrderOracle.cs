namespace Strata.Supervision.Tests.Simulation;

/// <summary>Order told a second time, from effects and records alone: who may be spawned, and who may be Healthy, when.</summary>
internal sealed class OrderOracle
{
    private readonly HashSet<string> _haveBeenUp = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ServiceManifest> _spawned = new(StringComparer.Ordinal);

    internal void Check(Step step)
    {
        var node = step.State;
        foreach (var effect in step.Effects)
        {
            switch (effect)
            {
                case Effect.Spawn { Name: var name }:
                    _spawned[name] = node.Services[name].Manifest;
                    CheckSpawn(node, _spawned[name]);
                    break;
                case Effect.Emit { Record: { Service: { } name, To: ServiceState.Listening } }:
                    _haveBeenUp.Add(name);
                    break;
                case Effect.Emit { Record: { Service: { } name, To: ServiceState.Healthy or ServiceState.Completed } record } when record.From != record.To:
                    CheckArrival(_spawned[name], record.To.Value);
                    break;
            }
        }

        foreach (var removed in step.Effects.OfType<Effect.Remove>())
        {
            _haveBeenUp.Remove(removed.Name);
            foreach (var (name, manifest) in _spawned.Where(s => s.Value.Requires.Contains(removed.Name)).ToList())
            {
                _spawned[name] = manifest with { Requires = manifest.Requires.Remove(removed.Name) };
            }
        }
    }

    private static void CheckSpawn(NodeState node, ServiceManifest manifest)
    {
        Claim.That(!node.ShuttingDown, "nothing is spawned during a shutdown");
        foreach (var other in manifest.Requires)
        {
            var service = node.Services[other];
            Claim.That(
                service.State is ServiceState.Healthy or ServiceState.Listening || (service.State == ServiceState.Completed && service.Manifest.Kind == ServiceKind.Oneshot),
                $"{manifest.Name} is spawned while {other}, which it requires, is {service.State}");
        }

        foreach (var other in manifest.Wants.Concat(manifest.After).Where(node.Services.ContainsKey))
        {
            Claim.That(
                node.Services[other] is not { State: ServiceState.Starting, Process: not null },
                $"{manifest.Name} is spawned while {other}, which it comes after, is on its way up");
        }
    }

    private void CheckArrival(ServiceManifest manifest, ServiceState state)
    {
        foreach (var other in manifest.Requires)
        {
            Claim.That(_haveBeenUp.Contains(other), $"{manifest.Name} is {state} and {other}, which it requires, has never been up");
        }

        if (state == ServiceState.Healthy || manifest.Kind == ServiceKind.Oneshot)
        {
            _haveBeenUp.Add(manifest.Name);
        }
    }
}
