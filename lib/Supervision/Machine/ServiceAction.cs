namespace Strata.Supervision;

/// <summary>What is done when a transition is taken; the effects each one produces are named.</summary>
public enum ServiceAction
{
    /// <summary>Nothing beyond the change of state.</summary>
    None,

    /// <summary>Want the service up with a clean slate: crash window and backoff are cleared.</summary>
    BeginAfresh,

    /// <summary>Want the service up; crash window and backoff stay.</summary>
    Begin,

    /// <summary>Want the process up because somebody connected; crash window and backoff stay.</summary>
    Demand,

    /// <summary>Want the process up because an operator asked for it, with a clean slate.</summary>
    DemandAfresh,

    /// <summary>Effect AwaitConnection; in the registry, without a process.</summary>
    Listen,

    /// <summary>Effect Spawn with a new incarnation; arm the readiness timeout.</summary>
    Spawn,

    /// <summary>Remember the pid.</summary>
    RecordPid,

    /// <summary>Remember the pid of a process that was asked to end before it existed; effect Signal at once.</summary>
    SignalLateSpawn,

    /// <summary>Effects Register or RestoreRegistrations; arm the watchdog.</summary>
    BecomeHealthy,

    /// <summary>Arm the watchdog anew.</summary>
    RearmWatchdog,

    /// <summary>Effects Unregister (unless it is a restart) and Signal Terminate; arm the drain timeout.</summary>
    Drain,

    /// <summary>Effect Signal Terminate; arm the drain timeout. It comes back, and its own crashes stay remembered.</summary>
    DrainToFollow,

    /// <summary>A second stop: the drain ends at the earlier of both deadlines.</summary>
    ShortenDrain,

    /// <summary>Effect Signal Kill; arm the kill timeout.</summary>
    Kill,

    /// <summary>The process is already being killed: only change what happens afterwards.</summary>
    KeepKilling,

    /// <summary>Count a crash of a process that is gone.</summary>
    Crash,

    /// <summary>Count a crash of a process that still lives; effect Signal Kill; arm the kill timeout.</summary>
    CrashAndKill,

    /// <summary>The process is gone as asked.</summary>
    ForgetProcess,

    /// <summary>Arm the backoff.</summary>
    BackOff,

    /// <summary>Look up a timer's next time, or look at the clock once more; arm the time to look again.</summary>
    Await,

    /// <summary>Begin a timer's run with a clean slate, and look up the time after it.</summary>
    BeginRun,

    /// <summary>Effect Unregister; forget timers and process.</summary>
    LayToRest,
}
