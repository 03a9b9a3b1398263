namespace Strata.Supervision;

/// <summary>The kinds of event records.</summary>
public enum EventKind
{
    /// <summary>The node begins to start its services.</summary>
    NodeStarting,

    /// <summary>A service went from one state to another.</summary>
    StateChanged,

    /// <summary>A process did not end in time and was killed.</summary>
    ProcessKilled,

    /// <summary>A rolling restart begins: a second instance is started beside the present one.</summary>
    InstanceAdded,

    /// <summary>The second instance is ready and has become the present one; the old one drains.</summary>
    InstanceReplaced,

    /// <summary>The second instance failed, or is not needed any more; the present one stays.</summary>
    InstanceFailed,

    /// <summary>The instance that was replaced, or given up, has ended.</summary>
    InstanceGone,

    /// <summary>The node begins to shut down.</summary>
    NodeStopping,

    /// <summary>Everything has stopped.</summary>
    NodeStopped,

    /// <summary>Another configuration was applied.</summary>
    Reconfigured,

    /// <summary>A service that is no longer declared has stopped and was forgotten.</summary>
    ServiceRemoved,

    /// <summary>Times of a timer passed without a run.</summary>
    RunSkipped,
}
