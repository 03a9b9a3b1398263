using System.Collections.Immutable;

namespace Strata.Supervision;

/// <summary>
/// What a service declares about itself. A record says nothing about being correct: <see cref="ManifestValidator"/> and
/// <see cref="NodePlan"/> do.
/// </summary>
public sealed record ServiceManifest
{
    /// <summary>The service's name: a lower-case letter, then letters, digits or hyphens; at most 63. "supervisor" is taken.</summary>
    public required string Name { get; init; }

    /// <summary>What the service is for, one line; default none.</summary>
    public string Description { get; init; } = "";

    /// <summary>Whether it serves until it is stopped, or does its work once; default the former.</summary>
    public ServiceKind Kind { get; init; } = ServiceKind.Service;

    /// <summary>An absolute path, or a bare file name that the edge looks up (environment, beside the supervisor, PATH).</summary>
    public required string Program { get; init; }

    /// <summary>Arguments after the program's own name; default none.</summary>
    public ImmutableArray<string> Arguments { get; init; } = [];

    /// <summary>Variables set for the process besides what the supervisor sets; default none.</summary>
    public ImmutableDictionary<string, string> Environment { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Hard dependencies: each must be Healthy, or a oneshot that is Completed, before this one is spawned. Default none.</summary>
    public ImmutableArray<string> Requires { get; init; } = [];

    /// <summary>Soft dependencies: waited for while they come up, done without when they fail or are not there. Default none.</summary>
    public ImmutableArray<string> Wants { get; init; } = [];

    /// <summary>
    /// Order without dependence: waited for while they come up, as in <see cref="Wants"/>, but only at the start. A shutdown
    /// stops a service before what it wants, and pays no heed to what it merely comes after. Default none.
    /// </summary>
    public ImmutableArray<string> After { get; init; } = [];

    /// <summary>File name of the listening socket in the runtime directory; null means the name with ".sock".</summary>
    public string? SocketName { get; init; }

    /// <summary>Who may reach its listening socket; null for a service without one.</summary>
    public SocketPolicy? Socket { get; init; } = SocketPolicy.Default;

    /// <summary>Descriptors that the supervisor keeps for its next instance, at most; default 0, which is none.</summary>
    public int FdStoreMax { get; init; }

    /// <summary>How readiness is awaited.</summary>
    public ReadinessPolicy Readiness { get; init; } = ReadinessPolicy.Default;

    /// <summary>How a hung service is noticed; null (the default) means it is not.</summary>
    public WatchdogPolicy? Watchdog { get; init; }

    /// <summary>What follows when its process ends by itself; default it is restarted.</summary>
    public RestartPolicy Restart { get; init; } = RestartPolicy.Always;

    /// <summary>Who else is restarted when it crashes; default nobody.</summary>
    public RestartStrategy Strategy { get; init; } = RestartStrategy.OneForOne;

    /// <summary>How long to wait before the next attempt after a crash.</summary>
    public BackoffPolicy Backoff { get; init; } = BackoffPolicy.Default;

    /// <summary>When to give up.</summary>
    public QuarantinePolicy Quarantine { get; init; } = QuarantinePolicy.Default;

    /// <summary>What asks its process group to end; default SIGTERM. What does not end in time is killed by SIGKILL.</summary>
    public StopSignal StopSignal { get; init; } = StopSignal.SIGTERM;

    /// <summary>Time between the stop signal and SIGKILL when stopping: zero to 60 s, default 2 s.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How much of what it prints is kept.</summary>
    public LogPolicy Log { get; init; } = LogPolicy.Default;

    /// <summary>What it may use; default without limit.</summary>
    public LimitsPolicy Limits { get; init; } = LimitsPolicy.None;

    /// <summary>What the kernel keeps it from; null for nothing, which only the node's own services are trusted with.</summary>
    public ConfinementPolicy? Confinement { get; init; } = ConfinementPolicy.Default;

    /// <summary>When a timer runs; null (the default) for every other kind.</summary>
    public TimerPolicy? Timer { get; init; }

    /// <summary>What it may ask of other services; the supervisor hands it exactly these capabilities. Default none.</summary>
    public ImmutableArray<HeldCapability> Capabilities { get; init; } = [];

    /// <summary>Rights that its methods ask for, so that others' capabilities can be checked against them; empty (default) says nothing.</summary>
    public ImmutableArray<string> Offers { get; init; } = [];

    /// <summary>What it requires, given or implied: whoever holds capabilities requires identity, which issues them.</summary>
    public ImmutableArray<string> EffectiveRequires =>
        Capabilities.IsDefaultOrEmpty || Requires.Contains(NodePlan.IdentityName) ? Requires : Requires.Add(NodePlan.IdentityName);

    /// <summary>Whether its process is to do its work and end: a oneshot, or a timer's run.</summary>
    public bool DoesWorkAndEnds => Kind is ServiceKind.Oneshot or ServiceKind.Timer;

    /// <summary>Whether its process is started when somebody connects.</summary>
    public bool IsOnDemand => Kind == ServiceKind.Service && Socket is { OnDemand: true };

    /// <summary>The socket's file name, given or derived; null when there is none.</summary>
    public string? EffectiveSocketName => DoesWorkAndEnds || Socket is null ? null : SocketName ?? Name + ".sock";

    /// <summary>From spawn to readiness, or to the end of a oneshot or of a timer's run, at most; given or by default.</summary>
    public TimeSpan ReadyTimeout => Readiness.Timeout ?? (DoesWorkAndEnds ? TimeSpan.FromMinutes(10) : TimeSpan.FromSeconds(5));
}
