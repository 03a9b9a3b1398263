namespace Strata.Supervision;

/// <summary>What the kind of a service allows it to declare.</summary>
internal static class KindChecks
{
    internal static void Check(ServiceManifest manifest, FaultList faults)
    {
        if (!Enum.IsDefined(manifest.Kind))
        {
            faults.Add("kind", "must be \"service\", \"oneshot\" or \"timer\"");
        }
        else if (manifest.DoesWorkAndEnds)
        {
            CheckWork(manifest, manifest.Kind == ServiceKind.Oneshot ? "oneshot" : "timer", faults);
        }

        TimerChecks.Check(manifest, faults);
    }

    private static void CheckWork(ServiceManifest manifest, string kind, FaultList faults)
    {
        if (manifest.SocketName is not null || manifest.Socket is { } socket && socket != SocketPolicy.Default)
        {
            faults.Add("socket", $"a {kind} serves nobody and has no socket; leave it out");
        }

        if (manifest.FdStoreMax != 0)
        {
            faults.Add("fd_store_max", "a oneshot has no next instance to keep descriptors for; leave it out");
        }

        if (manifest.Watchdog is not null)
        {
            faults.Add("watchdog", $"a {kind} has no watchdog; readiness.timeout bounds how long it may run");
        }

        if (manifest.Readiness is { Method: not ReadinessMethod.Notify })
        {
            faults.Add("readiness.method", $"a {kind} is ready when it has exited with code 0; leave the method out");
        }

        if (manifest.Name == NodePlan.RegistryName)
        {
            faults.Add("kind", $"the registry serves the node and cannot be a {kind}");
        }
    }
}
