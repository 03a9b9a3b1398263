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
