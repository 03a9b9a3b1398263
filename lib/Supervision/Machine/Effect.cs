using System.Collections.Immutable;

namespace Strata.Supervision;

/// <summary>What the edge has to do, in order. The core never does any of it itself.</summary>
public abstract partial record Effect
{
    private Effect()
    {
    }

    /// <summary>Create the service's process; answer with Spawned or SpawnFailed for this incarnation.</summary>
    /// <param name="Name">The service.</param>
    /// <param name="Incarnation">Counts the spawns of this service from 1; never reused.</param>
    public sealed record Spawn(string Name, int Incarnation) : Effect;

    /// <summary>Signal the process group of one instance. A group that is gone already is no error.</summary>
    /// <param name="Name">The service.</param>
    /// <param name="Incarnation">The instance meant; the edge must not signal another one.</param>
    /// <param name="Pid">Its process.</param>
    /// <param name="What">Terminate or Kill.</param>
    /// <param name="Stop">The signal that Terminate stands for.</param>
    public sealed record Signal(string Name, int Incarnation, int Pid, ProcessSignal What, StopSignal Stop) : Effect;

    /// <summary>Report the next connection to the service's socket as Connected, once; one that waits there already counts.</summary>
    /// <param name="Name">The service.</param>
    public sealed record AwaitConnection(string Name) : Effect;

    /// <summary>Connections to the service's socket are of no interest any more.</summary>
    /// <param name="Name">The service.</param>
    public sealed record IgnoreConnections(string Name) : Effect;

    /// <summary>Enter the service in the registry, which is Healthy.</summary>
    /// <param name="Name">The service.</param>
    public sealed record Register(string Name) : Effect;

    /// <summary>Take the service out of the registry, which is Healthy.</summary>
    /// <param name="Name">The service.</param>
    public sealed record Unregister(string Name) : Effect;

    /// <summary>A registry has just become Healthy and knows nothing: enter all of these.</summary>
    /// <param name="Names">Every service that should be found, in start order.</param>
    public sealed record RestoreRegistrations(ImmutableArray<string> Names) : Effect;

    /// <summary>Publish a record that was just appended to the event log.</summary>
    /// <param name="Record">The record.</param>
    public sealed record Emit(EventRecord Record) : Effect;

    /// <summary>The shutdown is complete: nothing runs any more.</summary>
    /// <param name="Abandoned">Services whose process survived every kill; normally empty.</param>
    public sealed record Exit(ImmutableArray<string> Abandoned) : Effect;
}
