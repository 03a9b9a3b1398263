namespace Strata.Supervision;

/// <summary>
/// Exponential backoff with jitter. The n-th crash in a row waits Initial * Factor^(n-1), at most Max, then shortened at
/// random by up to the share Jitter, so that services that fell together do not rise together. Shortened, never lengthened:
/// Max is a promise.
/// </summary>
public sealed record BackoffPolicy
{
    /// <summary>100 ms, doubling to 30 s, jitter 15 %, reset after 60 s of health.</summary>
    public static BackoffPolicy Default { get; } = new();

    /// <summary>Wait after the first crash: 1 ms to Max, default 100 ms.</summary>
    public TimeSpan Initial { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Growth from crash to crash: 1 to 10, default 2.</summary>
    public double Factor { get; init; } = 2;

    /// <summary>Longest wait: Initial to 1 h, default 30 s.</summary>
    public TimeSpan Max { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Largest share taken off at random: 0 to 0.5, default 0.15.</summary>
    public double Jitter { get; init; } = 0.15;

    /// <summary>An instance that was Healthy for at least this long starts the series anew: 1 s to 24 h, default 60 s.</summary>
    public TimeSpan ResetAfter { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The wait before the next attempt.</summary>
    /// <param name="consecutiveCrashes">Crashes in a row, this one included; at least 1.</param>
    /// <param name="fraction">A random number in [0, 1).</param>
    public TimeSpan Delay(int consecutiveCrashes, double fraction)
    {
        // Pow overflows to infinity for a long series, which Min turns into Max.
        var wait = Math.Min(Initial.TotalMilliseconds * Math.Pow(Factor, consecutiveCrashes - 1), Max.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(wait * (1 - (Jitter * fraction)));
    }
}
