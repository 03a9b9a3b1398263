using Strata.Linux;
using Strata.Policy;

namespace Strata.Fs;

/// <summary>One open handle: a descriptor and the capability it is bound to. Safe from any thread.</summary>
internal class OpenFile : IDisposable
{
    private readonly FileDescriptor _descriptor;
    private readonly long _expiresAtTicks;
    private long _reads;
    private long _bytes;
    private long _writes;
    private long _written;

    /// <summary>Binds a descriptor to a capability.</summary>
    /// <param name="descriptor">Owned by the handle from here on.</param>
    /// <param name="claims">The capability.</param>
    /// <param name="path">The path as the caller named it, for the audit.</param>
    internal OpenFile(FileDescriptor descriptor, CapabilityClaims claims, string path)
    {
        _descriptor = descriptor;
        Claims = claims;
        CapabilityId = claims.CapabilityId;
        Subject = claims.Subject;
        Path = path;
        // A token is good for as long as the skew allows; a handle that ended sooner would answer NOT_FOUND to a good token.
        _expiresAtTicks = claims.ExpiresAt.UtcTicks + ClockSkew.Default.Ticks;
        Handle = HandleName.New();
    }

    internal string Handle { get; }

    /// <summary>The capability, which a revocation is looked up by.</summary>
    internal CapabilityClaims Claims { get; }

    internal string CapabilityId { get; }

    internal string Subject { get; }

    internal string Path { get; }

    internal long Reads => Volatile.Read(ref _reads);

    internal long Bytes => Volatile.Read(ref _bytes);

    /// <summary>What the handle may be used for.</summary>
    internal FileAccess Access { get; init; } = FileAccess.Read;

    /// <summary>Whether each write goes to the end.</summary>
    internal bool Appends { get; init; }

    internal long Written => Volatile.Read(ref _written);

    internal bool IsWritten => Volatile.Read(ref _writes) > 0;

    internal bool BelongsTo(CapabilityClaims claims) =>
        string.Equals(CapabilityId, claims.CapabilityId, StringComparison.Ordinal) && string.Equals(Subject, claims.Subject, StringComparison.Ordinal);

    internal bool IsExpired(DateTimeOffset now) => now.UtcTicks >= _expiresAtTicks;

    /// <summary>Keeps the descriptor open across a read, whoever closes the handle meanwhile; false when it is closed already.</summary>
    internal bool TryHold(out int descriptor)
    {
        var held = false;
        try
        {
            _descriptor.DangerousAddRef(ref held);
        }
        catch (ObjectDisposedException)
        {
            // Closed by another connection, a revocation or expiry between lookup and use.
        }

        descriptor = held ? _descriptor.Number : -1;
        return held;
    }

    internal void Release() => _descriptor.DangerousRelease();

    /// <summary>Counts a read; true for the first.</summary>
    internal bool Count(int bytes)
    {
        Interlocked.Add(ref _bytes, bytes);
        return Interlocked.Increment(ref _reads) == 1;
    }

    /// <summary>Counts a write; true for the first.</summary>
    internal bool CountWritten(int bytes)
    {
        Interlocked.Add(ref _written, bytes);
        return Interlocked.Increment(ref _writes) == 1;
    }

    public void Dispose()
    {
        _descriptor.Dispose();
        OnClosed();
    }

    /// <summary>What else ends with the handle; may be called more than once.</summary>
    protected virtual void OnClosed()
    {
    }
}
