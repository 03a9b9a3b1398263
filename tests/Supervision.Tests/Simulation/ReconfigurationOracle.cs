namespace Strata.Supervision.Tests.Simulation;

/// <summary>What a new configuration may do, told a second time: from the manifests before and after, and from who lives.</summary>
internal static class ReconfigurationOracle
{
    internal static void Check(NodeState before, NodeEvent happened, Step step, World world)
    {
        var after = step.State;
        if (happened is NodeEvent.Reconfigure { Plan: var plan })
        {
            if (step.Result.Status == CommandStatus.Ok)
            {
                CheckWhole(after, plan);
                CheckNeighbours(before, after, plan);
            }
            else
            {
                Claim.That(ReferenceEquals(before.Services, after.Services) && ReferenceEquals(before.Plan, after.Plan), "a refused configuration changes nothing");
            }
        }

        foreach (var service in after.Services.Values)
        {
            var ends = service is { State: ServiceState.Stopping, Wanted: false } or { State: ServiceState.Stopped, Second: not null };
            Claim.That(!service.Leaving || ends || after.ShuttingDown, $"{service.Name} was removed and is {service.State}");
            Claim.That(service.Leaving || world.Sockets.Contains(service.Name) == service.Manifest.EffectiveSocketName is not null, $"{service.Name} has lost its socket, or has one that it did not declare");
        }

        foreach (var socket in world.Sockets)
        {
            Claim.That(after.Services.ContainsKey(socket), $"the socket of {socket} is left over");
        }
    }

    private static void CheckWhole(NodeState after, NodePlan plan)
    {
        Claim.That(after.Declared.Count == plan.Manifests.Count, "the whole configuration is taken, and nothing else");
        foreach (var (name, manifest) in plan.Manifests)
        {
            Claim.That(after.Services[name] is { Leaving: false } service && Same(service.Manifest, manifest), $"{name} is not what it is declared to be");
            Claim.That(!after.HasStarted || after.Services[name].State != ServiceState.Declared, $"{name} was added and is not started");
        }
    }

    private static void CheckNeighbours(NodeState before, NodeState after, NodePlan plan)
    {
        var remade = plan.Manifests.Values.Where(m => before.Declared.GetValueOrDefault(m.Name) is { } old && (Made(old) != Made(m)) && !(old.Kind == ServiceKind.Timer && m.Kind == ServiceKind.Timer)).Select(m => m.Name).ToList();
        foreach (var (name, was) in before.Services.Where(s => plan.Manifests.ContainsKey(s.Key)))
        {
            var isNow = after.Services[name];
            var follows = remade.Any(other => plan.Graph.RestartedWith(other).Contains(name));
            var runsOn = was is { Leaving: false, Process: not null } && !remade.Contains(name) && !follows;
            Claim.That(!runsOn || (isNow.Process == was.Process && isNow.State == was.State && isNow.KillAttempts == was.KillAttempts), $"{name} did not change in what it is made with, and is {isNow.State}");
            Claim.That(was.State != ServiceState.Stopped || isNow.State == ServiceState.Stopped, $"{name} was stopped and is {isNow.State}");
            Claim.That(
                !remade.Contains(name) || was.State is not ServiceState.Healthy || isNow is { State: ServiceState.Stopping, Wanted: true, Listed: true },
                $"{name} is made otherwise and its old process goes on");
            Claim.That(was.State != ServiceState.Quarantined || isNow.State != ServiceState.Quarantined || Same(was.Manifest, isNow.Manifest), $"{name} changed and is not tried again");
            // Unchanged and at rest, or waiting for its next attempt: not touched at all.
            Claim.That(!Same(was.Manifest, isNow.Manifest) || was.Leaving || follows || was.State == ServiceState.Starting || was == isNow, $"{name} is as before and was touched");
        }
    }

    private static bool Same(ServiceManifest a, ServiceManifest b) =>
        Made(a) == Made(b) && Text(a.Requires) == Text(b.Requires) && Text(a.Wants) == Text(b.Wants) && Text(a.After) == Text(b.After) && a.Socket == b.Socket
        && (a.Description, a.Restart, a.Backoff, a.Quarantine, a.Strategy, a.StopSignal, a.DrainTimeout, a.ReadyTimeout, When(a))
        == (b.Description, b.Restart, b.Backoff, b.Quarantine, b.Strategy, b.StopSignal, b.DrainTimeout, b.ReadyTimeout, When(b));

    private static (ServiceKind, string, ReadinessMethod, TimeSpan?, string?, SocketPolicy?) Made(ServiceManifest m) =>
        (m.Kind, m.Program, m.Readiness.Method, m.Watchdog?.Interval, m.EffectiveSocketName, m.Socket is null ? null : m.Socket with { Rolling = true });

    private static string When(ServiceManifest m) => $"{m.Timer?.Every} {m.Timer?.At} {m.Timer?.Zone.Id} {m.Timer?.Jitter} {m.Timer?.CatchUp}";

    private static string Text(IEnumerable<string> names) => string.Join(' ', names);
}
