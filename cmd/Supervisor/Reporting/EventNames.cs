using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>Names of events, the same in the stream, the audit and the log.</summary>
internal static class EventNames
{
    internal const string Gap = "gap";
    internal const string Reset = "reset";
    internal const string CaughtUp = "caught_up";
    internal const string Start = "svc.start";
    internal const string Stop = "svc.stop";
    internal const string Crash = "svc.crash";
    internal const string Quarantine = "svc.quarantine";
    internal const string NodeStopped = "node.stopped";

    internal static string Of(EventRecord record) => record.Kind switch
    {
        EventKind.NodeStarting => "node.start",
        EventKind.NodeStopping => "node.stopping",
        EventKind.NodeStopped => NodeStopped,
        EventKind.ProcessKilled => "svc.kill",
        EventKind.TakenOver => "svc.taken_over",
        EventKind.Reconfigured => "node.reconfigured",
        EventKind.RunSkipped => "svc.skipped",
        EventKind.ServiceRemoved => "svc.removed",
        EventKind.InstanceAdded => "svc.roll",
        EventKind.InstanceReplaced => "svc.rolled",
        EventKind.InstanceFailed => "svc.roll_failed",
        EventKind.InstanceGone => "svc.drained",
        _ => record.To switch
        {
            ServiceState.Starting => Start,
            ServiceState.Healthy => "svc.healthy",
            ServiceState.Stopping => "svc.stopping",
            ServiceState.Stopped => Stop,
            ServiceState.Crashed => Crash,
            ServiceState.Restarting => "svc.restarting",
            ServiceState.Completed => "svc.completed",
            ServiceState.Waiting => "svc.waiting",
            ServiceState.Listening => "svc.listening",
            ServiceState.Quarantined => Quarantine,
            _ => "svc.changed",
        },
    };
}
