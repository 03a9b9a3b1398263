using Strata.Contracts;
using Strata.Supervision;
using WireStatus = Strata.Contracts.ServiceStatus;

namespace Strata.Supervisor;

/// <summary>The node as its methods show it.</summary>
internal static class NodeViews
{
    internal static NodeStatus Status(NodeSnapshot node, string nodeId, NodeTime now, LastAttempt? last) => new(
        nodeId, (long)now.Since(node.State.StartedAt).TotalSeconds, Summary(node), StrataVersion.Current,
        node.State.Generation, last?.Outcome, last is null ? null : EventStream.TimeOf(last.At),
        node.Origin.Generation, node.Origin.Refused);

    internal static ServiceList List(NodeSnapshot node, NodeTime now, Func<ServiceManifest, Enforcement> enforcement, string? unseen) => new(
        [.. node.State.Plan.Graph.StartOrder.Select(name => One(node, node.State.Services[name], now, enforcement))], unseen);

    internal static ServiceExplanation? Explain(NodeSnapshot node, string name, NodeTime now)
    {
        if (Explainer.Explain(node.State, name, now) is not { } why)
        {
            return null;
        }

        return new ServiceExplanation(
            why.Name,
            why.State.ToString(),
            Milliseconds(why.For),
            why.Because,
            why.Next,
            why.NextIn is { } wait ? Milliseconds(wait) : null,
            why.WaitingOn.IsEmpty ? null : why.WaitingOn,
            why.LastCrash?.Cause.Text,
            why.CrashesInWindow,
            Advice(node, why));
    }

    internal static ServiceGraph Graph(NodeSnapshot node, NodeTime now)
    {
        var graph = node.State.Plan.Graph;
        var started = node.State.StartedAt.Monotonic;
        return new ServiceGraph([.. graph.StartOrder.Select(One)]);

        GraphService One(string name)
        {
            var service = node.State.Services[name];
            var first = node.RecordOf(name).FirstStart;
            var waiting = Explainer.Explain(node.State, name, now)!.WaitingOn;
            return new GraphService(
                name,
                service.State.ToString(),
                graph.Requires(name),
                graph.Wants(name),
                waiting.IsEmpty ? null : waiting,
                service.Manifest.Description is { Length: > 0 } text ? text : null,
                first is { } spawn ? Milliseconds(spawn.Spawned - started) : null,
                first is { } ready ? Milliseconds(ready.Ready - started) : null);
        }
    }

    private static string Summary(NodeSnapshot node)
    {
        var states = node.State.Services.Values.Select(s => s.State).ToHashSet();
        return node.State.ShuttingDown ? "stopping"
            : node.AllHealthy ? "running"
            : states.All(s => s is ServiceState.Declared or ServiceState.Starting or ServiceState.Healthy or ServiceState.Completed or ServiceState.Waiting or ServiceState.Listening) ? "starting"
            : "degraded";
    }

    private static WireStatus One(NodeSnapshot node, Supervision.ServiceStatus service, NodeTime now, Func<ServiceManifest, Enforcement> enforcement)
    {
        var record = node.RecordOf(service.Name);
        var inForce = enforcement(service.Manifest);
        return new WireStatus(
            service.Name,
            service.State.ToString(),
            service.Pid ?? 0,
            record.Restarts,
            Milliseconds(now.Since(service.Since)),
            record.ReadyAfter is { } ready ? Milliseconds(ready) : null,
            service.LastCrash?.Cause.Text,
            service.State is ServiceState.Stopped or ServiceState.Quarantined or ServiceState.Completed or ServiceState.Waiting or ServiceState.Listening ? service.Because : null,
            inForce.Limits,
            service is { State: ServiceState.Waiting, Schedule: { } schedule } ? Milliseconds(schedule.Left(now)) : null,
            service.Schedule is { Skipped: > 0 } skipping ? skipping.Skipped : null,
            inForce.Confinement,
            inForce.Lacking.IsEmpty ? null : inForce.Lacking,
            inForce.Denied.Count == 0 ? null : [.. inForce.Denied.Select(d => new DeniedCount(d.Key, d.Value))]);
    }

    private static string? Advice(NodeSnapshot node, Explanation why) => why.State switch
    {
        ServiceState.Quarantined => $"find the cause of its crashes in the log, mend it, then svc.start {why.Name}",
        ServiceState.Restarting => $"svc.start {why.Name} starts it now; svc.stop {why.Name} keeps it down",
        ServiceState.Stopped when !node.State.ShuttingDown => $"svc.start {why.Name} starts it",
        ServiceState.Waiting => $"svc.start {why.Name} runs it now; svc.stop {why.Name} keeps it from running",
        ServiceState.Listening => $"svc.start {why.Name} starts it now",
        ServiceState.Completed when !node.State.ShuttingDown => $"svc.start {why.Name} runs it again",
        ServiceState.Starting when why.WaitingOn.Where(name => IsDown(node, name)).ToList() is [_, ..] down => $"svc.start {down[0]} starts what it waits for",
        _ => null,
    };

    private static bool IsDown(NodeSnapshot node, string name) =>
        node.State.Services[name].IsAtRest;

    private static long Milliseconds(TimeSpan span) => (long)Math.Max(0, span.TotalMilliseconds);
}
