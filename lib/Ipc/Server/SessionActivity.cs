namespace Strata.Ipc;

/// <summary>When something last happened on a connection, and what is overdue because of it.</summary>
internal sealed class SessionActivity(TimeProvider time, IpcLimits limits)
{
    private readonly long _connectedAt = time.GetTimestamp();
    private long? _frameBegunAt;
    private long? _activeAt;
    private long _progressAt;

    /// <summary>A whole frame was taken.</summary>
    internal void FrameTaken()
    {
        _frameBegunAt = null;
        _activeAt = time.GetTimestamp();
    }

    /// <summary>Notes whether part of a frame is held whose rest the peer owes.</summary>
    internal void FrameOwed(bool owed) => _frameBegunAt = owed ? _frameBegunAt ?? time.GetTimestamp() : null;

    /// <summary>Output begins to wait for the peer.</summary>
    internal void OutputBegun() => _progressAt = time.GetTimestamp();

    /// <summary>The peer took some output.</summary>
    internal void OutputTaken() => _progressAt = Touch();

    /// <summary>A call has ended.</summary>
    internal long Touch()
    {
        var now = time.GetTimestamp();
        _activeAt = now;
        return now;
    }

    internal string? Overdue(long now, bool unsent, bool calls, out TimeSpan next)
    {
        next = limits.IdleTimeout;
        if (!unsent && _frameBegunAt is null && calls)
        {
            return null; // The service owes, not the peer.
        }

        var (since, limit, why) =
            unsent ? (_progressAt, limits.WriteTimeout, "the peer does not read its answers")
            : _frameBegunAt is { } begun ? (begun, limits.FrameTimeout, "a frame was begun and not completed")
            : _activeAt is { } active ? (active, limits.IdleTimeout, "idle")
            : (_connectedAt, limits.FirstFrameTimeout, "no request was sent");
        var elapsed = time.GetElapsedTime(since, now);
        next = limit - elapsed;
        return elapsed >= limit ? why : null;
    }
}
