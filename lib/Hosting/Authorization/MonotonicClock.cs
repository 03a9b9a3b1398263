namespace Strata.Hosting;

/// <summary>
/// The machine's monotonic clock in milliseconds. On Linux the platform's timestamps count from boot, so that two
/// processes of one machine read the same clock.
/// </summary>
public static class MonotonicClock
{
    /// <summary>Milliseconds since the clock's origin.</summary>
    public static long Milliseconds(TimeProvider time) => (long)time.GetElapsedTime(0, time.GetTimestamp()).TotalMilliseconds;

    /// <summary>The timestamp of a reading in milliseconds, never later than now.</summary>
    public static long ToTimestamp(TimeProvider time, long milliseconds) =>
        Math.Min(time.GetTimestamp(), (long)(milliseconds / 1000.0 * time.TimestampFrequency));
}
