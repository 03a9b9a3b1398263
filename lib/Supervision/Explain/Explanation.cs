using System.Collections.Immutable;

namespace Strata.Supervision;

/// <summary>Why a service is as it is, and what comes next: in fields for programs and in <see cref="Summary"/> for people.</summary>
public sealed record Explanation
{
    /// <summary>The service.</summary>
    public required string Name { get; init; }

    /// <summary>Its state.</summary>
    public required ServiceState State { get; init; }

    /// <summary>What exactly it waits for.</summary>
    public required ServicePhase Phase { get; init; }

    /// <summary>When the state was entered, wall clock.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>How long ago that was, monotonic clock.</summary>
    public required TimeSpan For { get; init; }

    /// <summary>Why the state was entered.</summary>
    public required string Because { get; init; }

    /// <summary>What happens next if nobody interferes.</summary>
    public required string Next { get; init; }

    /// <summary>When, wall clock; null when it is not timed.</summary>
    public DateTimeOffset? NextAt { get; init; }

    /// <summary>In how long, never negative; null when it is not timed.</summary>
    public TimeSpan? NextIn { get; init; }

    /// <summary>The services it waits for; empty unless it is Starting without a process.</summary>
    public ImmutableArray<string> WaitingOn { get; init; } = [];

    /// <summary>The last crash; null when there has been none.</summary>
    public CrashRecord? LastCrash { get; init; }

    /// <summary>Crashes inside the quarantine window at this moment.</summary>
    public required int CrashesInWindow { get; init; }

    /// <summary>The crash that quarantines.</summary>
    public required int QuarantineAt { get; init; }

    /// <summary>The process; null when there is none.</summary>
    public int? Pid { get; init; }

    /// <summary>How often the service was spawned.</summary>
    public required int Incarnation { get; init; }

    /// <summary>The same in a few sentences.</summary>
    public required string Summary { get; init; }
}
