namespace Strata.Supervision.Tests.Simulation;

/// <summary>What holds when one supervisor has taken over from another.</summary>
internal static class TakeoverOracle
{
    internal static void Check(NodeEvent.TakeOver taken, NodeState node, World world)
    {
        foreach (var process in world.Alive)
        {
            if (!node.Services.TryGetValue(process.Name, out var service))
            {
                Claim.That(process.IsReported, $"{process.Name} is not declared any more, lives, and nobody was told");
                continue;
            }

            var adopted = service.Process is { } mine && mine.Incarnation == process.Incarnation && (mine.Pid ?? process.Pid) == process.Pid;
            Claim.That(adopted || process.IsReported, $"{process.Name} is orphaned and nobody was told");
            if (process.IsReported)
            {
                Claim.That(
                    service.State == ServiceState.Stopped && world.Alive.Any(p => p.Name == process.Name && Tells(node, p)),
                    $"{process.Name} is {service.State} ({service.Because}) though a process that may be its own lives");
            }
        }

        foreach (var kept in (taken.Kept?.Services ?? []).Where(s => node.Services.ContainsKey(s.Name)))
        {
            Check(kept, taken, node);
        }
    }

    private static bool Tells(NodeState node, SimulatedProcess process) =>
        Explainer.Explain(node, process.Name, node.Now)!.Because.Contains($"process {process.Pid} ", StringComparison.Ordinal);

    private static void Check(KeptService kept, NodeEvent.TakeOver taken, NodeState node)
    {
        var service = node.Services[kept.Name];
        var found = taken.Found.GetValueOrDefault(kept.Name);
        Claim.That(kept.State != ServiceState.Quarantined || found is not null || service.State == ServiceState.Quarantined, $"{kept.Name} is {service.State} though it was quarantined");
        if (taken.Kept!.ShuttingDown)
        {
            return;
        }

        var rests = kept.State == ServiceState.Stopped && kept.StoppedByOperator;
        Claim.That(!rests || service.State == ServiceState.Stopped, $"{kept.Name} is {service.State} though an operator stopped it");
        if (!taken.SameBoot)
        {
            return;
        }

        Claim.That(kept.State != ServiceState.Completed || service.State == ServiceState.Completed, $"{kept.Name} is {service.State} though it had done its work");
        var calm = !node.Plan.Manifests.Values.Any(m => m.Strategy != RestartStrategy.OneForOne);
        if (kept.State == ServiceState.Healthy && found is { Verdict: TakeoverVerdict.Adopt } && calm)
        {
            Claim.That(service.State == ServiceState.Healthy && service.Incarnation == kept.Incarnation, $"{kept.Name} was Healthy, lives, and is {service.State}");
        }
    }
}
