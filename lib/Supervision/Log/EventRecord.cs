namespace Strata.Supervision;

/// <summary>One line of the node's history.</summary>
public sealed record EventRecord
{
    /// <summary>Counts all records of this node from 1, without a hole.</summary>
    public required long Sequence { get; init; }

    /// <summary>When it happened.</summary>
    public required NodeTime At { get; init; }

    /// <summary>What kind of thing happened.</summary>
    public required EventKind Kind { get; init; }

    /// <summary>The service; null when the record is about the node.</summary>
    public string? Service { get; init; }

    /// <summary>The state before; null when the record is about the node.</summary>
    public ServiceState? From { get; init; }

    /// <summary>The state after; null when the record is about the node.</summary>
    public ServiceState? To { get; init; }

    /// <summary>The instance concerned; 0 when there has been none.</summary>
    public int Incarnation { get; init; }

    /// <summary>Its process; null when there is none.</summary>
    public int? Pid { get; init; }

    /// <summary>Why it happened, in words.</summary>
    public required string Cause { get; init; }

    /// <summary>The crash behind it; null unless the service has just crashed.</summary>
    public CrashCause? Crash { get; init; }

    /// <summary>What happens next, in words.</summary>
    public string Next { get; init; } = "";

    /// <summary>When the next step comes, by the wall clock as it stood; null when it is not timed.</summary>
    public DateTimeOffset? NextAt { get; init; }
}
