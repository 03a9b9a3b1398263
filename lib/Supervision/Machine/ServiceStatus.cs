using System.Collections.Immutable;

namespace Strata.Supervision;

/// <summary>Everything the node knows about one service at one instant.</summary>
public sealed record ServiceStatus
{
    /// <summary>What was declared.</summary>
    public required ServiceManifest Manifest { get; init; }

    /// <summary>The state.</summary>
    public ServiceState State { get; init; } = ServiceState.Declared;

    /// <summary>When the state was entered.</summary>
    public required NodeTime Since { get; init; }

    /// <summary>Why the state was entered, or who last changed what follows it, in words.</summary>
    public string Because { get; init; } = "declared by its manifest";

    /// <summary>The instance that exists or was asked for; null when there is none.</summary>
    public ServiceProcess? Process { get; init; }

    /// <summary>The other instance during a rolling restart; null when there is none.</summary>
    public SecondInstance? Second { get; init; }

    /// <summary>How often a process was asked for; the number of the latest instance.</summary>
    public int Incarnation { get; init; }

    /// <summary>Whether the service shall run once what is under way has ended.</summary>
    public bool Wanted { get; init; }

    /// <summary>Whether its manifest was removed: it is forgotten as soon as it has stopped.</summary>
    public bool Leaving { get; init; }

    /// <summary>Whether the registry shall know it. Stays true through a crash, for its socket keeps accepting.</summary>
    public bool Listed { get; init; }

    /// <summary>Whether an operator has stopped it since it was last started; a supervisor that takes over leaves it down.</summary>
    public bool StoppedByOperator { get; init; }

    /// <summary>Whether a service that is started on demand was asked for, by a connection or by an operator, since it last waited.</summary>
    public bool Demanded { get; init; }

    /// <summary>The pending deadline; null when nothing timed is under way.</summary>
    public ServiceTimer? Timer { get; init; }

    /// <summary>The times of a timer; null for every other kind, and before it first waits.</summary>
    public TimerSchedule? Schedule { get; init; }

    /// <summary>How often the present process was killed without going.</summary>
    public int KillAttempts { get; init; }

    /// <summary>When the present instance became Healthy; null when it has not.</summary>
    public NodeTime? HealthySince { get; init; }

    /// <summary>Crashes without a healthy period between them; decides the backoff.</summary>
    public int ConsecutiveCrashes { get; init; }

    /// <summary>Times of the crashes inside the quarantine window, oldest first, at most the policy's limit.</summary>
    public ImmutableArray<TimeSpan> RecentCrashes { get; init; } = [];

    /// <summary>The last crash; kept until the process of the node ends.</summary>
    public CrashRecord? LastCrash { get; init; }

    /// <summary>The service's name.</summary>
    public string Name => Manifest.Name;

    /// <summary>Whether those that require it may be spawned: it is Healthy, its socket listens for whoever starts it, or it is a oneshot that is Completed.</summary>
    public bool IsUp => State is ServiceState.Healthy or ServiceState.Listening || (State == ServiceState.Completed && Manifest.Kind == ServiceKind.Oneshot);

    /// <summary>Whether it has no process and gets none before somebody starts it.</summary>
    public bool IsAtRest => State is ServiceState.Declared or ServiceState.Stopped or ServiceState.Quarantined or ServiceState.Completed;

    /// <summary>The earlier of its deadline and its second instance's; null when nothing timed is under way.</summary>
    internal TimeSpan? NextDue => Timer?.Due is { } own && !(Second?.Timer.Due < own) ? own : Second?.Timer.Due;

    /// <summary>The process id; null when there is no process.</summary>
    public int? Pid => Process?.Pid;

    /// <summary>What exactly is being waited for.</summary>
    public ServicePhase Phase => State switch
    {
        ServiceState.Starting when Process is null => ServicePhase.AwaitingDependencies,
        ServiceState.Starting when Process.Pid is null => ServicePhase.Spawning,
        ServiceState.Starting when Manifest.DoesWorkAndEnds => ServicePhase.Working,
        ServiceState.Starting => ServicePhase.AwaitingReadiness,
        ServiceState.Healthy => ServicePhase.Serving,
        ServiceState.Stopping when Timer?.Kind == TimerKind.Drain => ServicePhase.Draining,
        ServiceState.Stopping or ServiceState.Crashed => ServicePhase.Killing,
        ServiceState.Restarting => ServicePhase.BackingOff,
        ServiceState.Waiting => ServicePhase.AwaitingTime,
        ServiceState.Listening => ServicePhase.AwaitingConnection,
        _ => ServicePhase.Resting,
    };
}
