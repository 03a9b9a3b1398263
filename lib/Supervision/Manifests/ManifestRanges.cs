namespace Strata.Supervision;

/// <summary>The ranges of a manifest's numbers, named once for the check, the schema and the documentation.</summary>
public static class ManifestRanges
{
    /// <summary>From spawn to readiness.</summary>
    public static ValueRange<TimeSpan> ReadinessTimeout { get; } = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10));

    /// <summary>From spawn to the end of a oneshot.</summary>
    public static ValueRange<TimeSpan> OneshotTimeout { get; } = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(24));

    /// <summary>Longest silence of a service.</summary>
    public static ValueRange<TimeSpan> WatchdogInterval { get; } = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1));

    /// <summary>A wait between a crash and the next attempt.</summary>
    public static ValueRange<TimeSpan> Backoff { get; } = new(TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1));

    /// <summary>Growth of the wait from crash to crash.</summary>
    public static ValueRange<double> BackoffFactor { get; } = new(1, 10);

    /// <summary>The share of a wait taken off at random.</summary>
    public static ValueRange<double> BackoffJitter { get; } = new(0, 0.5);

    /// <summary>Health that ends a series of crashes.</summary>
    public static ValueRange<TimeSpan> BackoffReset { get; } = new(TimeSpan.FromSeconds(1), TimeSpan.FromHours(24));

    /// <summary>The crash that quarantines.</summary>
    public static ValueRange<int> QuarantineCrashes { get; } = new(1, 100);

    /// <summary>What the crashes are counted in.</summary>
    public static ValueRange<TimeSpan> QuarantineWindow { get; } = new(TimeSpan.FromSeconds(1), TimeSpan.FromHours(24));

    /// <summary>Between the signal to stop and the kill.</summary>
    public static ValueRange<TimeSpan> Drain { get; } = new(TimeSpan.Zero, ManifestLimits.MaxDrain);

    /// <summary>Connections that wait at a socket.</summary>
    public static ValueRange<int> Backlog { get; } = new(1, ManifestLimits.MaxBacklog);

    /// <summary>Descriptors kept for a next instance.</summary>
    public static ValueRange<int> StoredDescriptors { get; } = new(0, ManifestLimits.MaxStoredDescriptors);

    /// <summary>Bytes of one file of what a service prints.</summary>
    public static ValueRange<long> LogBytes { get; } = new(64 * 1024, 1024 * 1024 * 1024);

    /// <summary>How many such files are kept.</summary>
    public static ValueRange<int> LogFiles { get; } = new(1, 100);

    /// <summary>Lines a second that are kept for long.</summary>
    public static ValueRange<int> LogRate { get; } = new(1, 100_000);

    /// <summary>From one run of a timer to the next.</summary>
    public static ValueRange<TimeSpan> TimerEvery { get; } = new(TimeSpan.FromSeconds(1), TimeSpan.FromDays(31));

    /// <summary>The most by which a run of a timer comes later.</summary>
    public static ValueRange<TimeSpan> TimerJitter { get; } = new(TimeSpan.Zero, TimeSpan.FromHours(1));

    /// <summary>Memory of a service.</summary>
    public static ValueRange<long> Memory { get; } = new(ManifestLimits.MinMemoryBytes, ManifestLimits.MaxMemoryBytes);

    /// <summary>Processors' worth of time.</summary>
    public static ValueRange<double> Cpus { get; } = new(ManifestLimits.MinCpus, ManifestLimits.MaxCpus);

    /// <summary>Processes and threads.</summary>
    public static ValueRange<int> Pids { get; } = new(1, ManifestLimits.MaxPids);

    /// <summary>Open descriptors of a process.</summary>
    public static ValueRange<int> OpenFiles { get; } = new(ManifestLimits.MinOpenFiles, ManifestLimits.MaxOpenFiles);
}
