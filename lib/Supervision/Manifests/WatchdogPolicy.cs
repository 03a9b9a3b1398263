namespace Strata.Supervision;

/// <summary>A Healthy service must show within every interval that it is alive, or it is killed: a crash.</summary>
public sealed record WatchdogPolicy
{
    /// <summary>Longest silence: 100 ms to 1 h. A service should speak at half of it.</summary>
    public required TimeSpan Interval { get; init; }

    /// <summary>Who produces the sign of life; default the service itself.</summary>
    public LivenessSource Source { get; init; } = LivenessSource.Notify;
}
