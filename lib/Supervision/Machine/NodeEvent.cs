using System.Collections.Immutable;

namespace Strata.Supervision;

/// <summary>
/// Everything that can happen to a node. Facts about a process carry the incarnation they are about, so that news of
/// an earlier instance can never be taken for news of the present one.
/// </summary>
public abstract partial record NodeEvent
{
    private NodeEvent()
    {
    }

    /// <summary>The node starts: every Declared service is wanted up, in dependency order.</summary>
    public sealed record StartAll : NodeEvent;

    /// <summary>The node starts, and takes over what an earlier supervisor has left; what is new is started. In place of <see cref="StartAll"/>.</summary>
    /// <param name="Because">From whom, in words.</param>
    /// <param name="Kept">Its record; null when there is none that can be trusted.</param>
    /// <param name="SameBoot">Whether the record is of this boot, so that its pids and times mean something.</param>
    /// <param name="Found">The verdicts on the processes of services, by name; none for a process that was never begun.</param>
    public sealed record TakeOver(string Because, KeptNode? Kept, bool SameBoot, ImmutableDictionary<string, Inheritance> Found) : NodeEvent;

    /// <summary>An operator starts one service; clears its quarantine and crash window.</summary>
    /// <param name="Name">The service.</param>
    public sealed record Start(string Name) : NodeEvent;

    /// <summary>An operator stops one service, and only that one: those that depend on it keep running.</summary>
    /// <param name="Name">The service.</param>
    /// <param name="Drain">Time before the kill, zero to <see cref="ManifestLimits.MaxDrain"/>; null means the manifest's.</param>
    public sealed record Stop(string Name, TimeSpan? Drain = null) : NodeEvent;

    /// <summary>An operator replaces the process of one service, or starts it when it has none.</summary>
    /// <param name="Name">The service.</param>
    /// <param name="Drain">As in <see cref="Stop"/>.</param>
    public sealed record Restart(string Name, TimeSpan? Drain = null) : NodeEvent;

    /// <summary>An operator replaces the process of one Healthy service by a new one that is ready before the old one is asked to end.</summary>
    /// <param name="Name">The service.</param>
    /// <param name="Drain">As in <see cref="Stop"/>, for the old instance.</param>
    public sealed record Roll(string Name, TimeSpan? Drain = null) : NodeEvent;

    /// <summary>The edge carried out <see cref="Effect.Spawn"/>.</summary>
    /// <param name="Name">The service.</param>
    /// <param name="Incarnation">The incarnation the effect named.</param>
    /// <param name="Pid">The process, leader of its own group.</param>
    public sealed record Spawned(string Name, int Incarnation, int Pid) : NodeEvent;

    /// <summary>The edge could not carry out <see cref="Effect.Spawn"/>.</summary>
    /// <param name="Name">The service.</param>
    /// <param name="Incarnation">The incarnation the effect named.</param>
    /// <param name="Error">What the system said.</param>
    /// <param name="Ungranted">Whether nothing was tried because its capabilities could not be had: no fault of the service.</param>
    public sealed record SpawnFailed(string Name, int Incarnation, string Error, bool Ungranted = false) : NodeEvent;

    /// <summary>The service announced readiness; not heeded when its manifest asks for another way.</summary>
    /// <param name="Name">The service.</param>
    /// <param name="Incarnation">The instance that said so.</param>
    /// <param name="By">How it was said: <see cref="ReadinessMethod.Notify"/> or <see cref="ReadinessMethod.Fd"/>.</param>
    public sealed record Ready(string Name, int Incarnation, ReadinessMethod By = ReadinessMethod.Notify) : NodeEvent;

    /// <summary>The service showed that it is alive.</summary>
    /// <param name="Name">The service.</param>
    /// <param name="Incarnation">The instance that said so.</param>
    public sealed record WatchdogPing(string Name, int Incarnation) : NodeEvent;

    /// <summary>Somebody has connected to the socket of a service that waits for that; see <see cref="Effect.AwaitConnection"/>.</summary>
    /// <param name="Name">The service.</param>
    public sealed record Connected(string Name) : NodeEvent;

    /// <summary>The process ended. The edge sweeps what is left of its group before it reports this.</summary>
    /// <param name="Name">The service.</param>
    /// <param name="Incarnation">The instance that ended.</param>
    /// <param name="Status">How it ended.</param>
    public sealed record Exited(string Name, int Incarnation, ExitStatus Status) : NodeEvent;

    /// <summary>Time has passed: every deadline not later than now fires, earliest first.</summary>
    public sealed record Tick : NodeEvent;

    /// <summary>Stop everything in reverse dependency order, then exit. Valid at any moment; a second one changes nothing.</summary>
    /// <param name="Because">Who wants it, for the log; for example "SIGTERM".</param>
    public sealed record Shutdown(string Because) : NodeEvent;
}
