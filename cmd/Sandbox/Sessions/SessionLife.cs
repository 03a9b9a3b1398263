namespace Strata.Sandbox;

/// <summary>When a session is over. Pure.</summary>
internal static class SessionLife
{
    internal const string Expired = "expired";
    internal const string TooOld = "too_old";

    /// <summary>Most times that a session is made anew because its sandbox ended by itself, within <see cref="RestartWindow"/>.</summary>
    internal const int MaxRestarts = 3;

    /// <summary>The time in which restarts are counted.</summary>
    internal static readonly TimeSpan RestartWindow = TimeSpan.FromMinutes(1);

    /// <summary>Why a session is over; null while it is not.</summary>
    /// <param name="idle">Since it was last used.</param>
    /// <param name="age">Since it was made.</param>
    /// <param name="inUse">Whether somebody works with it now: that is no want of use, however long it takes.</param>
    /// <param name="ttl">How long it stays without use.</param>
    /// <param name="longest">How long it stays in any case.</param>
    internal static string? Over(TimeSpan idle, TimeSpan age, bool inUse, TimeSpan ttl, TimeSpan longest) =>
        age >= longest ? TooOld
        : !inUse && idle >= ttl ? Expired
        : null;

    /// <summary>Whether a sandbox that ended by itself gets a successor.</summary>
    /// <param name="restarts">Times ago of those before.</param>
    internal static bool MayRestart(IEnumerable<TimeSpan> restarts) => restarts.Count(ago => ago < RestartWindow) < MaxRestarts;
}
