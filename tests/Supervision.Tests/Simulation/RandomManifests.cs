namespace Strata.Supervision.Tests.Simulation;

/// <summary>A random node: 1 to 30 services, every field drawn.</summary>
internal static class RandomManifests
{
    internal const int MaxServices = 30;

    internal static List<ServiceManifest> Draw(Random random, bool calendar)
    {
        var count = random.Next(4) == 0 ? random.Next(1, MaxServices + 1) : random.Next(1, 9);
        var services = Enumerable.Range(0, count).Select(i => Vary(random, Links(random, i), calendar)).ToList();
        if (count < MaxServices && random.Next(3) == 0)
        {
            services.Add(Node.Service(NodePlan.RegistryName));
        }

        return WithoutRequiredTimers(services);
    }

    /// <summary>Nobody may require a timer: whoever was drawn to does not.</summary>
    internal static List<ServiceManifest> WithoutRequiredTimers(List<ServiceManifest> services)
    {
        var timers = services.Where(s => s.Kind == ServiceKind.Timer).Select(s => s.Name).ToHashSet(StringComparer.Ordinal);
        return [.. services.Select(s => s with { Requires = [.. s.Requires.Where(name => !timers.Contains(name))] })];
    }

    internal static ServiceManifest Links(Random random, int index)
    {
        var requires = new List<string>();
        var wants = new List<string>();
        var after = new List<string>();
        for (var other = 0; other < index; other++)
        {
            // About two links a service, whatever the size of the node.
            if (random.Next(Math.Max(3, index / 2)) == 0)
            {
                (random.Next(4) switch { 0 => wants, 1 => after, _ => requires }).Add($"s{other}");
            }
        }

        if (random.Next(10) == 0)
        {
            wants.Add("absent");
        }

        return new ServiceManifest { Name = $"s{index}", Program = "p", Requires = [.. requires], Wants = [.. wants], After = [.. after] };
    }

    internal static ServiceManifest Vary(Random random, ServiceManifest service, bool calendar)
    {
        var kind = service.Name == NodePlan.RegistryName ? ServiceKind.Service : random.Next(10) switch { 0 or 1 => ServiceKind.Oneshot, 2 => ServiceKind.Timer, _ => ServiceKind.Service };
        return service with
        {
            Kind = kind,
            Timer = kind == ServiceKind.Timer ? RandomTimers.Draw(random, calendar) : null,
            Restart = random.Next(2) == 0 ? RestartPolicy.Always : (RestartPolicy)random.Next(1, 3),
            Strategy = kind == ServiceKind.Timer ? RestartStrategy.OneForOne : (RestartStrategy)random.Next(3),
            StopSignal = (StopSignal)random.Next(6),
            Watchdog = kind != ServiceKind.Service || random.Next(2) == 0 ? null : new WatchdogPolicy { Interval = WatchdogInterval(random) },
            Readiness = new ReadinessPolicy
            {
                Method = kind == ServiceKind.Service ? random.Next(6) switch { 0 => ReadinessMethod.None, 1 => ReadinessMethod.Fd, _ => ReadinessMethod.Notify } : ReadinessMethod.Notify,
                Timeout = random.Next(10) == 0 ? null : TimeSpan.FromMilliseconds(random.Next(200, 3200)),
            },
            Socket = kind != ServiceKind.Service || service.Name == NodePlan.RegistryName ? SocketPolicy.Default : random.Next(10) switch { 0 => null, 1 => new SocketPolicy { Rolling = false }, 2 or 3 => new SocketPolicy { OnDemand = true }, _ => SocketPolicy.Default },
            Quarantine = new QuarantinePolicy { Crashes = random.Next(1, 6), Window = TimeSpan.FromSeconds(random.Next(1, 60)) },
            Backoff = new BackoffPolicy
            {
                Initial = TimeSpan.FromMilliseconds(random.Next(1, 200)),
                Max = TimeSpan.FromSeconds(random.Next(1, 10)),
                ResetAfter = TimeSpan.FromSeconds(random.Next(1, 20)),
            },
            DrainTimeout = random.Next(6) == 0 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(random.Next(3000)),
        };
    }

    private static TimeSpan WatchdogInterval(Random random) =>
        random.Next(2) == 0 ? TimeSpan.FromMilliseconds(random.Next(1000, 20_000)) : TimeSpan.FromSeconds(random.Next(20, 3600));
}
