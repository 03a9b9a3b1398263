namespace Strata.Supervision;

/// <summary>News about processes: checked for its incarnation, then fed to the table.</summary>
internal static class ProcessNews
{
    internal static void Deliver(NodeTransaction node, NodeEvent happened)
    {
        if (RollingRestarts.TryDeliver(node, happened))
        {
            return;
        }

        switch (happened)
        {
            case NodeEvent.Spawned e when IsPresent(node, e.Name, e.Incarnation):
                Spawned(node, node.State.Services[e.Name].Manifest, e.Pid);
                break;
            case NodeEvent.SpawnFailed e when IsPresent(node, e.Name, e.Incarnation):
                Crash(node, e.Name, ServiceEvent.SpawnFailed, CrashCause.FromSpawnError(e.Error, e.Ungranted));
                break;
            case NodeEvent.Ready { By: not ReadinessMethod.None } e when IsPresent(node, e.Name, e.Incarnation) && IsReadyBy(node, e.Name, e.By):
                node.Fire(e.Name, ServiceEvent.Ready, new Facts("announced readiness"));
                break;
            case NodeEvent.WatchdogPing e when IsPresent(node, e.Name, e.Incarnation):
                node.Fire(e.Name, ServiceEvent.WatchdogPing, new Facts("gave a sign of life"));
                break;
            case NodeEvent.Exited e when IsPresent(node, e.Name, e.Incarnation):
                Exited(node, node.State.Services[e.Name], e.Status);
                break;
            default:
                // News of an instance that is gone already, for example an exit that crossed a failed spawn.
                break;
        }
    }

    private static void Spawned(NodeTransaction node, ServiceManifest manifest, int pid)
    {
        node.Fire(manifest.Name, ServiceEvent.Spawned, new Facts("spawned", Pid: pid));
        if (IsReadyBy(node, manifest.Name, ReadinessMethod.None))
        {
            node.Fire(manifest.Name, ServiceEvent.Ready, new Facts("runs, which is all its manifest asks for"));
        }
    }

    private static void Exited(NodeTransaction node, ServiceStatus service, ExitStatus status)
    {
        var manifest = service.Manifest;
        if (manifest.IsOnDemand)
        {
            ExitedOnDemand(node, service, status);
        }
        else if (status.Code == 0 && manifest.Kind == ServiceKind.Timer && service.State == ServiceState.Starting)
        {
            node.Fire(manifest.Name, ServiceEvent.AwaitTime, new Facts("did its work and exited with code 0"));
        }
        else if (status.Code == 0 && manifest.DoesWorkAndEnds)
        {
            node.Fire(manifest.Name, ServiceEvent.Finished, new Facts("did its work and exited with code 0"));
        }
        else if (status.Code == 0 && manifest.Restart != RestartPolicy.Always)
        {
            node.Fire(manifest.Name, ServiceEvent.Finished, new Facts($"exited with code 0; its restart policy {Words.Of(manifest.Restart)} leaves it so"));
        }
        else
        {
            Crash(node, manifest.Name, ServiceEvent.Exited, CrashCause.From(status));
        }
    }

    // A process that ends as soon as it is ready, or before, may have left the connection behind that it was started for: as a crash
    // that is answered by the backoff, and does not spin.
    private static void ExitedOnDemand(NodeTransaction node, ServiceStatus service, ExitStatus status)
    {
        var served = service is { State: ServiceState.Healthy, HealthySince: { } since } && node.Now.Since(since) >= service.Manifest.Backoff.Initial;
        if (status.Code == 0 && served)
        {
            node.Fire(service.Name, ServiceEvent.WentIdle, new Facts("ended with exit code 0 and waits for its next connection"));
        }
        else
        {
            Crash(node, service.Name, ServiceEvent.Exited, CrashCause.From(status));
        }
    }

    private static void Crash(NodeTransaction node, string name, ServiceEvent occurred, CrashCause cause) =>
        node.Fire(name, occurred, new Facts(cause.Text, Crash: cause));

    // A oneshot is ready when it has ended, whatever it says meanwhile.
    private static bool IsReadyBy(NodeTransaction node, string name, ReadinessMethod method) =>
        node.State.Services[name].Manifest is { Kind: ServiceKind.Service } manifest && manifest.Readiness.Method == method;

    private static bool IsPresent(NodeTransaction node, string name, int incarnation) =>
        node.State.Services.TryGetValue(name, out var service) && service.Process?.Incarnation == incarnation;
}
