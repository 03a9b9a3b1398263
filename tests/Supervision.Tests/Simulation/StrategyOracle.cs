namespace Strata.Supervision.Tests.Simulation;

/// <summary>
/// Strategies told a second time, as a fixed point over pairs of services: who goes along when one crashes, and that nobody
/// else is sent away without an operator or a shutdown.
/// </summary>
internal sealed class StrategyOracle
{
    private readonly Dictionary<string, HashSet<string>> _companions = new(StringComparer.Ordinal);

    internal StrategyOracle(IReadOnlyCollection<ServiceManifest> services)
    {
        foreach (var service in services)
        {
            _companions[service.Name] = CompanionsOf(service, services);
        }
    }

    internal void Check(NodeState before, NodeEvent happened, Step step)
    {
        var after = step.State;
        var records = step.Effects.OfType<Effect.Emit>().Select(e => e.Record).ToList();
        var crashed = after.ShuttingDown ? [] : records
            .Where(r => r.Crash is not null && after.Services[r.Service!].Manifest.Restart != RestartPolicy.Never).Select(r => r.Service!).ToList();
        foreach (var name in crashed.SelectMany(c => _companions[c]))
        {
            var was = before.Services[name];
            var runsOn = was.Process is not null && was.State is ServiceState.Starting or ServiceState.Healthy
                && after.Services[name].State == was.State && after.Services[name].Incarnation == was.Incarnation;
            Claim.That(!runsOn, $"{name} runs on though its fellow of {string.Join(',', crashed)} crashed");
        }

        foreach (var record in records.Where(r => r.To == ServiceState.Stopping && r.From is ServiceState.Starting or ServiceState.Healthy))
        {
            var asked = happened is NodeEvent.Stop { Name: var stopped } && stopped == record.Service;
            var replaced = happened is NodeEvent.Restart { Name: var restarted } && restarted == record.Service;
            var follows = crashed.Any(c => _companions[c].Contains(record.Service!));
            var reconfigured = happened is NodeEvent.Reconfigure;
            Claim.That(after.ShuttingDown || asked || replaced || follows || reconfigured, $"{record.Service} is sent away by nobody");
            if (follows && !asked && !replaced)
            {
                var (was, now) = (before.Services[record.Service!], after.Services[record.Service!]);
                Claim.That(was.RecentCrashes.SequenceEqual(now.RecentCrashes), $"{record.Service} counts a restart with another as its crash, or forgets one");
                Claim.That(now.Wanted && now.Listed == was.Listed, $"{record.Service} does not come back, or its callers are sent away meanwhile");
            }
        }
    }

    private static HashSet<string> CompanionsOf(ServiceManifest crashed, IReadOnlyCollection<ServiceManifest> services)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        if (crashed.Strategy == RestartStrategy.OneForOne)
        {
            return found;
        }

        found.Add(crashed.Name);
        Grow(found, services, (member, other) => crashed.Strategy == RestartStrategy.OneForAll
            && member.Strategy == RestartStrategy.OneForAll && other.Strategy == RestartStrategy.OneForAll
            && (member.Requires.Contains(other.Name) || other.Requires.Contains(member.Name)));
        Grow(found, services, (member, other) => other.Requires.Contains(member.Name));
        found.Remove(crashed.Name);
        return found;
    }

    private static void Grow(HashSet<string> found, IReadOnlyCollection<ServiceManifest> services, Func<ServiceManifest, ServiceManifest, bool> joins)
    {
        while (services.FirstOrDefault(s => !found.Contains(s.Name) && services.Any(m => found.Contains(m.Name) && joins(m, s))) is { } next)
        {
            found.Add(next.Name);
        }
    }
}
