using System.Collections.Immutable;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>The node as it is published: immutable, so that readers never wait for whoever changes it.</summary>
/// <param name="State">What the machine decided.</param>
/// <param name="Records">What the edge remembers, by service.</param>
internal sealed record NodeSnapshot(NodeState State, ImmutableDictionary<string, ServiceRecord> Records)
{
    internal static NodeSnapshot Of(NodeState state) => new(state, ImmutableDictionary<string, ServiceRecord>.Empty);

    /// <summary>Which supervisor in a row this is, and why the one that was to follow did not.</summary>
    internal (int Generation, string? Refused) Origin { get; init; } = (1, null);

    /// <summary>With the counts of an earlier supervisor.</summary>
    internal NodeSnapshot Counting(IEnumerable<KeyValuePair<string, int>> restarts) =>
        this with { Records = restarts.Aggregate(Records, (records, one) => Change(records, one.Key, r => r with { Restarts = one.Value })) };

    /// <summary>Whether every service is as it should be: Healthy, or Completed, or a timer that is Waiting, or Listening for its first connection.</summary>
    internal bool AllHealthy => State.Services.Values.All(IsWell);

    /// <summary>Whether a service is as it should be.</summary>
    internal static bool IsWell(ServiceStatus service) => service.State is ServiceState.Healthy or ServiceState.Completed or ServiceState.Waiting or ServiceState.Listening;

    internal ServiceRecord RecordOf(string service) => Records.GetValueOrDefault(service, ServiceRecord.None);

    /// <summary>The snapshot after a step.</summary>
    internal NodeSnapshot After(Step step)
    {
        var records = Records;
        foreach (var effect in step.Effects)
        {
            records = effect switch
            {
                Effect.Remove e => records.Remove(e.Name),
                Effect.Spawn e => Change(records, e.Name, r => r with { SpawnedAt = step.State.Now.Monotonic }),
                Effect.Emit { Record: { To: ServiceState.Healthy, Kind: EventKind.StateChanged or EventKind.InstanceReplaced, Service: { } name } } => Came(name),
                Effect.Emit { Record: { From: ServiceState.Starting, To: ServiceState.Completed, Service: { } name } } => Came(name),
                Effect.Emit { Record: { From: ServiceState.Restarting, To: ServiceState.Starting, Service: { } name } } =>
                    Change(records, name, r => r with { Restarts = r.Restarts + 1 }),
                _ => records,
            };
        }

        return this with { State = step.State, Records = records };

        ImmutableDictionary<string, ServiceRecord> Came(string name) =>
            Change(records, name, r => r with
            {
                ReadyAfter = step.State.Now.Monotonic - r.SpawnedAt,
                FirstStart = r.FirstStart ?? (r.SpawnedAt, step.State.Now.Monotonic),
            });
    }

    private static ImmutableDictionary<string, ServiceRecord> Change(
        ImmutableDictionary<string, ServiceRecord> records, string name, Func<ServiceRecord, ServiceRecord> change) =>
        records.SetItem(name, change(records.GetValueOrDefault(name, ServiceRecord.None)));
}
