namespace Strata.Supervision;

/// <summary>The ways a service can fail.</summary>
public enum CrashKind
{
    /// <summary>The process exited by itself; code 0 counts too, a service has no business ending.</summary>
    ExitCode,

    /// <summary>A signal ended the process.</summary>
    Signal,

    /// <summary>The process lived but gave no sign of life within its watchdog interval.</summary>
    WatchdogMissed,

    /// <summary>The process lived but did not announce readiness in time.</summary>
    ReadyTimeout,

    /// <summary>A oneshot, or a timer's run, did not end in time.</summary>
    RunTimeout,

    /// <summary>The process could not be created.</summary>
    SpawnFailed,

    /// <summary>Its capabilities could not be had, so it was not started. Does not count towards quarantine: the fault is identity's.</summary>
    NotGranted,

    /// <summary>The kernel ended the process because the service had used up its memory.</summary>
    OutOfMemory,
}
