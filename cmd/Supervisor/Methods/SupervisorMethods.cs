using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>Declares the supervisor's methods.</summary>
internal static class SupervisorMethods
{
    /// <summary>Followers of the events.</summary>
    internal const int MaxFollowers = 128;

    /// <summary>Followers of one user id: each wakes at every event, and anybody may follow.</summary>
    internal const int MaxFollowersPerUid = 32;

    private static readonly ErrorCode[] CommandErrors = [ErrorCode.NotFound, ErrorCode.Unavailable, ErrorCode.Conflict];

    internal static IReadOnlyList<Method> All(NodeBoard board, NodeClock clock, string nodeId, ServiceCommands commands, Func<ServiceManifest, Enforcement> enforcement, DenialBook denials, Func<LastAttempt?> attempt) =>
        All(board, clock, nodeId, commands, enforcement, denials, attempt, new WatchPlaces("the node", MaxFollowers, MaxFollowersPerUid));

    private static IReadOnlyList<Method> All(NodeBoard board, NodeClock clock, string nodeId, ServiceCommands commands, Func<ServiceManifest, Enforcement> enforcement, DenialBook denials, Func<LastAttempt?> attempt, WatchPlaces places) =>
    [
        new UnaryMethod<NoParams, NodeStatus>(
            "supervisor.status", "Tells the node's name, how long it runs and how it is.", Access.Open,
            () => ContractsJson.Default.NoParams, () => ContractsJson.Default.NodeStatus,
            (_, _) => (Reply<NodeStatus>)NodeViews.Status(board.Current, nodeId, clock.Now, attempt())),
        new UnaryMethod<NoParams, ServiceList>(
            "supervisor.svc.list", "Lists every service in start order.", Access.Open,
            () => ContractsJson.Default.NoParams, () => ContractsJson.Default.ServiceList,
            (_, _) => (Reply<ServiceList>)NodeViews.List(board.Current, clock.Now, enforcement, denials.Unseen)),
        new UnaryMethod<ServiceParams, StatusResult>(
            "supervisor.svc.start", "Starts a service that is down; clears its quarantine and does not wait for its backoff.",
            Access.RightOrAuthority("supervisor.svc.start"), () => ContractsJson.Default.ServiceParams, () => ContractsJson.Default.StatusResult,
            (p, call) => commands.StartAsync(p.Name, call))
        {
            Errors = CommandErrors,
        },
        new UnaryMethod<StopParams, StatusResult>(
            "supervisor.svc.stop", "Stops a service and answers when it has stopped.",
            Access.RightOrAuthority("supervisor.svc.stop"), () => ContractsJson.Default.StopParams, () => ContractsJson.Default.StatusResult,
            (p, call) => commands.StopAsync(p.Name, TimeSpan.FromMilliseconds(p.DrainMs), call))
        {
            Errors = CommandErrors,
        },
        new UnaryMethod<RestartParams, StatusResult>(
            "supervisor.svc.restart", "Replaces a service's process and answers when the new one is Healthy or has failed.",
            Access.RightOrAuthority("supervisor.svc.restart"), () => ContractsJson.Default.RestartParams, () => ContractsJson.Default.StatusResult,
            (p, call) => p.Rolling
                ? commands.RollAsync(p.Name, TimeSpan.FromMilliseconds(p.DrainMs), call)
                : commands.RestartAsync(p.Name, TimeSpan.FromMilliseconds(p.DrainMs), call))
        {
            Errors = CommandErrors,
        },
        new UnaryMethod<ServiceParams, ServiceExplanation>(
            "supervisor.svc.explain", "Tells why a service is in its state, what happens next and when.", Access.Open,
            () => ContractsJson.Default.ServiceParams, () => ContractsJson.Default.ServiceExplanation,
            (p, _) => Explain(board, clock, p.Name))
        {
            Errors = [ErrorCode.NotFound],
        },
        new UnaryMethod<NoParams, ServiceGraph>(
            "supervisor.graph", "Tells which service depends on which, and when each first became ready.", Access.Open,
            () => ContractsJson.Default.NoParams, () => ContractsJson.Default.ServiceGraph,
            (_, _) => (Reply<ServiceGraph>)NodeViews.Graph(board.Current, clock.Now)),
        new StreamMethod<EventsParams, SupervisorEvent>(
            "supervisor.events", "Streams every change of state; resumable by number.", Access.Open,
            () => ContractsJson.Default.EventsParams, () => ContractsJson.Default.SupervisorEvent,
            (p, call) => places.Admit(call.Peer.Uid, () => EventStream.ReadAsync(board, p.FromSeq, p.Mark)))
        {
            Errors = [ErrorCode.ResourceExhausted],
        },
    ];

    private static Reply<ServiceExplanation> Explain(NodeBoard board, NodeClock clock, string name) =>
        NodeViews.Explain(board.Current, name, clock.Now) is { } explanation
            ? explanation
            : RpcError.NotFound("no such service; supervisor.svc.list shows those there are") with { Reason = "unknown_service" };
}
