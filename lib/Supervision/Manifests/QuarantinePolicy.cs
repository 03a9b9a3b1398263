namespace Strata.Supervision;

/// <summary>A service that crashes <see cref="Crashes"/> times within <see cref="Window"/> stays down until an operator starts it.</summary>
public sealed record QuarantinePolicy
{
    /// <summary>The 5th crash within 120 s.</summary>
    public static QuarantinePolicy Default { get; } = new();

    /// <summary>The crash that quarantines: 1 to 100, default 5.</summary>
    public int Crashes { get; init; } = 5;

    /// <summary>The sliding window the crashes are counted in: 1 s to 24 h, default 120 s.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(120);
}
