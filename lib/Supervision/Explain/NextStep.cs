namespace Strata.Supervision;

/// <summary>What happens to a service next if nobody interferes.</summary>
/// <param name="Text">In words.</param>
/// <param name="Due">When, by the monotonic clock; null when it is not timed.</param>
internal readonly record struct NextStep(string Text, TimeSpan? Due)
{
    internal static NextStep Of(NodeState node, ServiceStatus service) => new(TextOf(node, service) + Beside(service.Second), DueOf(service, node.Now));

    // A timer looks at the clock before its time; what comes next for people is the run.
    internal static TimeSpan? DueOf(ServiceStatus service, NodeTime now) =>
        service is { State: ServiceState.Waiting, Schedule: { } schedule } ? now.Monotonic + schedule.Left(now) : service.Timer?.Due;

    private static string TextOf(NodeState node, ServiceStatus service) => service.State switch
    {
        ServiceState.Stopping when service.Leaving => Ending(service) + ", and then forgotten",
        ServiceState.Stopped when service.Leaving => "nothing; its manifest was removed",
        ServiceState.Declared => $"starts when the node starts its services, or with svc.start {service.Name}",
        ServiceState.Starting => Starting(node, service),
        ServiceState.Healthy when node.ShuttingDown =>
            "is stopped once everything that depends on it has stopped" + (service.Manifest.Watchdog is null ? "" : "; killed if it gives no sign of life until then"),
        ServiceState.Healthy => Serving(service.Manifest),
        ServiceState.Stopping when service is { Wanted: true, Schedule: null, Manifest.Kind: ServiceKind.Timer } => Ending(service) + ", and then waits for its time",
        ServiceState.Stopping => Ending(service) + (service.Wanted ? ", and then started again" : ""),
        ServiceState.Crashed when service.Process is not null => Ending(service) + (StaysDown(service.Manifest) ? ", and then left down" : ""),
        ServiceState.Crashed => "its restart policy decides at once",
        ServiceState.Restarting => service.Manifest.IsOnDemand ? "the next attempt, if somebody waits for it" : "the next attempt",
        ServiceState.Listening => "its process is started when somebody connects",
        ServiceState.Waiting => Timers.InWords(service),
        ServiceState.Stopped or ServiceState.Completed when node.ShuttingDown => "nothing; the node is shutting down",
        ServiceState.Stopped or ServiceState.Completed => $"nothing, until svc.start {service.Name}",
        _ => $"nothing, until svc.start {service.Name} clears the quarantine",
    };

    private static string Beside(SecondInstance? second) => second switch
    {
        { Role: SecondRole.Incoming } => $"; instance {second.Process.Incarnation} takes over when it is ready",
        { Role: SecondRole.Outgoing, KillAttempts: 0 } => $"; instance {second.Process.Incarnation}, which was replaced, drains",
        { Role: SecondRole.Outgoing } => $"; instance {second.Process.Incarnation}, which was replaced, is being killed",
        { Role: SecondRole.Discarded } => $"; instance {second.Process.Incarnation}, which was given up, is being killed",
        _ => "",
    };

    private static string Starting(NodeState node, ServiceStatus service)
    {
        if (service.Process is not null && service.Manifest.Kind == ServiceKind.Timer)
        {
            return "waits for its next time when it exits with code 0; killed if it has not ended until then";
        }

        if (service.Process is not null && service.Manifest.Kind == ServiceKind.Oneshot)
        {
            return "becomes Completed when it exits with code 0; killed if it has not ended until then";
        }

        if (service.Process is not null && service.Manifest.Readiness.Method == ReadinessMethod.None)
        {
            return "becomes Healthy when its process exists; given up if it does not until then";
        }

        if (service.Process is not null)
        {
            return "becomes Healthy when it announces readiness; killed if it does not until then";
        }

        var blockers = Dependencies.BlockersOf(node, service.Name);
        return blockers.IsEmpty ? "is spawned at once" : "is spawned when these allow it: " + string.Join(", ", blockers.Select(Blocker));

        string Blocker(string name) => node.Services[name].IsAtRest
            ? $"{name} ({node.Services[name].State}; needs svc.start {name})"
            : $"{name} ({node.Services[name].State})";
    }

    private static string Serving(ServiceManifest manifest)
    {
        var onExit = manifest.Restart switch
        {
            _ when manifest.IsOnDemand => ", and waits for the next connection once it has ended by itself" + (StaysDown(manifest) ? "; not restarted when it fails" : ""),
            RestartPolicy.OnFailure => ", restarted only if it fails",
            RestartPolicy.Never => ", not restarted when it ends",
            _ => "",
        };
        var watched = manifest.Watchdog is null ? "" : $"; killed{(StaysDown(manifest) ? "" : " and restarted")} if it gives no sign of life until then";
        return "serves" + onExit + watched;
    }

    private static bool StaysDown(ServiceManifest manifest) => manifest.Restart == RestartPolicy.Never;

    private static string Ending(ServiceStatus service) => service.Timer?.Kind == TimerKind.Drain
        ? $"drains since {service.Manifest.StopSignal}; killed if it has not ended until then"
        : $"has not ended after {Words.Count(service.KillAttempts, "SIGKILL")}; it is sent another then";
}
