using System.Collections.Immutable;

namespace Strata.Supervision;

/// <summary>
/// From one configuration to the next. Processes are asked to end while the manifests they were made with still stand, so
/// with the signal and the time they know; then the new plan takes over in one step, and never by halves.
/// </summary>
internal static class Reconfiguration
{
    /// <summary>Removed services whose process has not ended yet; a configuration that would leave more is refused.</summary>
    internal const int MaxLeaving = ManifestLimits.MaxServices;

    private const int MaxNamed = 8;

    internal static CommandResult Apply(NodeTransaction node, NodePlan plan)
    {
        if (node.State.ShuttingDown)
        {
            return OperatorCommands.ShuttingDown;
        }

        var diff = ConfigurationDiff.Of(node.State.Declared, plan);
        if (node.State.Services.Values.Count(s => !plan.Manifests.ContainsKey(s.Name) && (s.Process is not null || s.Second is not null)) > MaxLeaving)
        {
            return new CommandResult(CommandStatus.Conflict, $"more than {MaxLeaving} removed services would still be stopping; apply it once those of earlier configurations have stopped");
        }

        if (diff.Changes.IsEmpty)
        {
            return new CommandResult(CommandStatus.Ok, "nothing has changed");
        }

        node.Change(state => state with { Generation = state.Generation + 1 });
        node.Log(EventKind.Reconfigured, InWords(node.State.Generation, diff));
        SendAway(node, plan, diff);
        TakeOver(node, plan, diff);
        Begin(node, diff);
        return CommandResult.Ok;
    }

    /// <summary>Forgets what was removed and has stopped.</summary>
    internal static void Bury(NodeTransaction node)
    {
        var gone = node.State.Services.Values.Where(s => s is { Leaving: true, State: ServiceState.Stopped, Second: null })
            .OrderBy(s => s.Name, StringComparer.Ordinal).ToList();
        if (gone.Count == 0)
        {
            return;
        }

        foreach (var service in gone)
        {
            node.Log(EventKind.ServiceRemoved, service.Because, service, service);
        }

        node.Change(state => state with
        {
            Services = state.Services.RemoveRange(gone.Select(s => s.Name)),
            Plan = state.Plan.Without(gone.Select(s => s.Name)),
            LastIncarnation = gone.Max(s => Math.Max(s.Incarnation, state.LastIncarnation)),
        });
        foreach (var service in gone)
        {
            node.Do(new Effect.Remove(service.Name));
        }
    }

    private static void SendAway(NodeTransaction node, NodePlan plan, ConfigurationDiff diff)
    {
        var following = FollowersOf(node.State, plan, diff);
        foreach (var name in node.State.Plan.Graph.StopOrder)
        {
            var service = node.State.Services[name];
            var change = diff.Of(name);
            if (change is { Kind: ChangeKind.Removed })
            {
                node.Change(state => state with { Services = state.Services.SetItem(name, service with { Leaving = true }) });
                node.Fire(name, ServiceEvent.Stop, new Facts("its manifest was removed", Wanted: false));
            }
            else if (TakesReload(service, change))
            {
                node.Fire(name, ServiceEvent.Reload, new Facts($"its manifest changed: {string.Join(", ", change!.Fields)}", Wanted: true));
            }
            else if (service.Process is not null && following.TryGetValue(name, out var with))
            {
                node.Fire(name, ServiceEvent.Follow, new Facts($"restarts with {with}, whose manifest changed"));
            }
        }
    }

    // Whoever only waits for others takes the new manifest as it stands. A quarantine ends with any change: somebody mended something.
    private static bool TakesReload(ServiceStatus service, ServiceChange? change) => change switch
    {
        { Kind: ChangeKind.Restarted } => service is not { State: ServiceState.Starting, Process: null },
        { Fields.IsEmpty: false } => service.State == ServiceState.Quarantined,
        _ => false,
    };

    // A service that was down, or on its way there, has no fellows that stood on it.
    private static Dictionary<string, string> FollowersOf(NodeState before, NodePlan plan, ConfigurationDiff diff)
    {
        var followers = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var changed in diff.Changes.Where(c => c.Kind == ChangeKind.Restarted).Select(c => c.Name))
        {
            if (before.Services[changed] is { Process: not null, State: ServiceState.Starting or ServiceState.Healthy })
            {
                foreach (var name in plan.Graph.RestartedWith(changed))
                {
                    followers.TryAdd(name, changed);
                }
            }
        }

        return followers;
    }

    private static void TakeOver(NodeTransaction node, NodePlan plan, ConfigurationDiff diff) => node.Change(state =>
    {
        var services = state.Services.ToBuilder();
        foreach (var manifest in plan.Manifests.Values)
        {
            services[manifest.Name] = !state.Services.TryGetValue(manifest.Name, out var service)
                ? new ServiceStatus { Manifest = manifest, Since = node.Now, Incarnation = state.LastIncarnation }
                : diff.Of(manifest.Name) is { } change ? Adjust(service, manifest, change, node.Now.Monotonic) : service;
        }

        var leaving = services.Values.Where(s => !plan.Manifests.ContainsKey(s.Name)).Select(s => s.Manifest).ToList();
        return state with { Services = services.ToImmutable(), Plan = plan.With(leaving) };
    });

    private static ServiceStatus Adjust(ServiceStatus service, ServiceManifest manifest, ServiceChange change, TimeSpan now)
    {
        var adjusted = service with { Manifest = manifest };
        if (change.Kind == ChangeKind.Restarted && service is { State: ServiceState.Starting, Process: null })
        {
            adjusted = adjusted with { RecentCrashes = [], ConsecutiveCrashes = 0 };
        }

        if (change.Fields.Any(field => field.StartsWith("quarantine.", StringComparison.Ordinal)))
        {
            // What was counted by another measure says nothing by the new one.
            adjusted = adjusted with { RecentCrashes = [] };
        }

        if (manifest.Kind != ServiceKind.Timer)
        {
            adjusted = adjusted with { Schedule = null };
        }
        else if (change.Fields.Any(field => field.StartsWith("timer.", StringComparison.Ordinal)))
        {
            adjusted = adjusted with { Schedule = adjusted.Schedule?.Cleared() };
        }

        return service.Timer is { Kind: TimerKind.Backoff, Due: var due } && due > now + manifest.Backoff.Max
            ? adjusted with { Timer = new ServiceTimer(TimerKind.Backoff, now + manifest.Backoff.Max) }
            : adjusted;
    }

    private static void Begin(NodeTransaction node, ConfigurationDiff diff)
    {
        foreach (var name in node.State.Plan.Graph.StartOrder)
        {
            var service = node.State.Services[name];
            if (service.Leaving && diff.Of(name) is { Kind: ChangeKind.Added })
            {
                node.Change(state => state with { Services = state.Services.SetItem(name, service with { Leaving = false, StoppedByOperator = false, Schedule = null }) });
                node.Fire(name, ServiceEvent.Restart, new Facts("its manifest is back", Wanted: true));
            }
            else if (service.State == ServiceState.Declared && node.State.HasStarted)
            {
                NodeMachine.Bring(node, name, "its manifest was added");
            }
            else if (BeginsToWait(service, diff.Of(name)))
            {
                node.Fire(name, ServiceEvent.AwaitTime, new Facts("its manifest changed"));
            }
        }
    }

    // A service that has become a timer does not run before its time, and one whose times changed looks for them anew.
    private static bool BeginsToWait(ServiceStatus service, ServiceChange? change) => service.Manifest.Kind == ServiceKind.Timer && change is not null
        && (service.State == ServiceState.Waiting || (service is { State: ServiceState.Starting, Process: null } && change.Fields.Contains("kind")));

    private static string InWords(int generation, ConfigurationDiff diff)
    {
        var parts = diff.Changes.GroupBy(c => c.Kind).OrderBy(g => g.Key)
            .Select(g => $"{Verb(g.Key)} {string.Join(", ", g.Take(MaxNamed).Select(c => c.Name))}{(g.Count() > MaxNamed ? $" and {g.Count() - MaxNamed} more" : "")}");
        return FormattableString.Invariant($"configuration {generation}: {string.Join("; ", parts)}");
    }

    private static string Verb(ChangeKind kind) => kind switch
    {
        ChangeKind.Added => "adds",
        ChangeKind.Removed => "removes",
        ChangeKind.Adjusted => "adjusts",
        ChangeKind.Restarted => "restarts",
        _ => "restarts as well",
    };
}
