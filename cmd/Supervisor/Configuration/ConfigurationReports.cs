using Strata.Contracts;
using Strata.Supervision;
using Status = Strata.Supervision.ServiceStatus;

namespace Strata.Supervisor;

/// <summary>What a configuration changes, as its methods tell it. Pure.</summary>
internal static class ConfigurationReports
{
    /// <summary>Faults given in one answer; the rest is counted.</summary>
    internal const int MaxFaults = 100;

    internal const string Unchanged = "unchanged";
    internal const string Differs = "differs";
    internal const string Applied = "applied";
    internal const string RefusedOutcome = "refused";

    internal static ConfigChange Refused(IReadOnlyCollection<LocatedFault> faults, int generation) => new(
        RefusedOutcome,
        generation,
        [],
        [.. faults.Take(MaxFaults).Select(f => new ConfigFault(f.File, f.Line, f.Column, f.Field, f.Message))],
        faults.Count > MaxFaults ? faults.Count - MaxFaults : null);

    /// <summary>Tells what lies between two states of the node.</summary>
    /// <param name="before">Before the configuration.</param>
    /// <param name="after">After it, or as it would be.</param>
    /// <param name="plan">The configuration.</param>
    /// <param name="outcome">The outcome when anything has changed.</param>
    internal static ConfigChange Of(NodeState before, NodeState after, NodePlan plan, string outcome)
    {
        var changes = ConfigurationDiff.Of(before.Declared, plan).Changes;
        return new ConfigChange(
            changes.IsEmpty ? Unchanged : outcome,
            after.Generation,
            [.. changes.Select(c => new ConfigServiceChange(
                c.Name,
                NameOf(c.Kind),
                EffectOf(c, before.Services.GetValueOrDefault(c.Name), after.Services.GetValueOrDefault(c.Name)),
                c.Fields.IsEmpty ? null : c.Fields,
                c.With))],
            []);
    }

    private static string EffectOf(ServiceChange change, Status? before, Status? after) => (change.Kind, after) switch
    {
        (_, null) => "is forgotten",
        (ChangeKind.Removed, _) => "stops, and is then forgotten",
        (ChangeKind.Added, { State: ServiceState.Stopping }) => "starts once its old process has ended",
        (ChangeKind.Added, { State: ServiceState.Declared }) => "starts with the node",
        (ChangeKind.Added, _) => "starts",
        (_, { State: ServiceState.Stopping, Wanted: true }) when before!.State == ServiceState.Stopping => "restarts already",
        (_, { State: ServiceState.Stopping, Wanted: true }) => "restarts",
        (_, { State: ServiceState.Starting, Process: null }) when before!.State == ServiceState.Starting => "waits on",
        (_, { State: ServiceState.Starting }) when before!.Incarnation != after.Incarnation || before.State != ServiceState.Starting => "starts",
        (_, { Process: not null, Wanted: true }) => "runs on",
        (_, { State: ServiceState.Stopped or ServiceState.Stopping }) => $"stays down until svc.start {after.Name}",
        _ => $"stays {after.State}",
    };

    private static string NameOf(ChangeKind kind) => kind switch
    {
        ChangeKind.Added => "added",
        ChangeKind.Removed => "removed",
        ChangeKind.Adjusted => "adjusted",
        ChangeKind.Restarted => "restarted",
        _ => "follows",
    };
}
