namespace Strata.Supervision;

/// <summary>
/// The other instance of a service during a rolling restart, the only case in which two of them live. It has a deadline of its own, and
/// ends whatever becomes of the present one.
/// </summary>
public sealed record SecondInstance
{
    /// <summary>The instance that exists or was asked for.</summary>
    public required ServiceProcess Process { get; init; }

    /// <summary>What it is there for.</summary>
    public required SecondRole Role { get; init; }

    /// <summary>Readiness while it is Incoming, the drain while it is Outgoing, the next kill once it was killed.</summary>
    public required ServiceTimer Timer { get; init; }

    /// <summary>How often it was killed without going.</summary>
    public int KillAttempts { get; init; }

    /// <summary>How long the present instance may drain once this one has taken over.</summary>
    public required TimeSpan Drain { get; init; }
}
