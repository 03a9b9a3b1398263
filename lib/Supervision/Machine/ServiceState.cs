namespace Strata.Supervision;

/// <summary>
/// The states of a service. Names go over the wire as they stand. All but <see cref="Stopping"/>, <see cref="Completed"/>,
/// <see cref="Waiting"/> and <see cref="Listening"/> are protocol version 1. Those are our additions: a draining service is neither Healthy
/// nor Stopped, one that has done its work and ended was neither stopped nor has it crashed, a timer between two runs is none of these, and one
/// that nobody has called yet is available without a process.
/// </summary>
public enum ServiceState
{
    /// <summary>Known from its manifest, not started yet.</summary>
    Declared,

    /// <summary>On its way up: waiting on a dependency, being spawned, or waiting for its readiness notification.</summary>
    Starting,

    /// <summary>Announced ready, and its process lives.</summary>
    Healthy,

    /// <summary>Asked to end and given time to drain; killed when that time is over.</summary>
    Stopping,

    /// <summary>Failed; its process is being killed. Left for Restarting or Quarantined as soon as the process is gone.</summary>
    Crashed,

    /// <summary>No process; the next attempt comes when its backoff has elapsed.</summary>
    Restarting,

    /// <summary>No process, on purpose: an operator, the shutdown, or its restart policy wants it so.</summary>
    Stopped,

    /// <summary>No process; crashed too often and stays down until an operator starts it.</summary>
    Quarantined,

    /// <summary>No process; it ended by itself with exit code 0 and is not to be restarted.</summary>
    Completed,

    /// <summary>No process; a timer that runs at its next time.</summary>
    Waiting,

    /// <summary>No process; it is started on demand, and its socket listens for its first connection.</summary>
    Listening,
}
