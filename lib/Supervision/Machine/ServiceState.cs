namespace Strata.Supervision;

/// <summary>
/// The states of a service. Names go over the wire as they stand. All but <see cref="Stopping"/> are protocol version 1;
/// <see cref="Stopping"/> is our addition: without it a draining service would look either Healthy or Stopped, and is neither.
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

    /// <summary>No process, on purpose.</summary>
    Stopped,

    /// <summary>No process; crashed too often and stays down until an operator starts it.</summary>
    Quarantined,
}
