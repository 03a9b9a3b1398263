using Strata.Policy;

namespace Strata.Identity;

/// <summary>
/// The keys in use: the roll, and the private halves of those that sign. Signing goes on beside everything but the instant of a switch.
/// All members are safe from any thread.
/// </summary>
/// <param name="roll">What is stored.</param>
/// <param name="v2">The key that signs v2.</param>
/// <param name="v4">The key that signs v4.</param>
/// <param name="signed">When the last token that an earlier run signed with them has expired.</param>
internal sealed class KeyRing(KeyRoll roll, SigningKey v2, SigningKey v4, DateTimeOffset signed) : IDisposable
{
    private readonly ReaderWriterLockSlim _using = new();
    private readonly Signer _v2 = new(v2, signed.UtcTicks);
    private readonly Signer _v4 = new(v4, signed.UtcTicks);
    private volatile KeyRoll _roll = roll;

    /// <summary>The roll in force.</summary>
    internal KeyRoll Roll => _roll;

    /// <summary>The public half of the key of a version that signs.</summary>
    internal VerificationKey Active(TokenVersion version) => _roll.Active(version).Key;

    /// <summary>Signs with the key of a version: none takes its place, and it is not erased, before the use ends.</summary>
    /// <param name="version">The version.</param>
    /// <param name="expires">When the token will have expired.</param>
    internal Use Begin(TokenVersion version, DateTimeOffset expires)
    {
        _using.EnterReadLock();
        var signer = Of(version);
        signer.NoteExpiry(expires.UtcTicks);
        return new Use(signer.Key, _using);
    }

    /// <summary>Puts a roll in force that changes nothing about who signs.</summary>
    internal void Adopt(KeyRoll next) => _roll = next;

    /// <summary>Lets other keys sign, and erases those that did from memory.</summary>
    /// <param name="next">The roll that says so, stored already.</param>
    /// <param name="keys">The keys; owned by the ring from now on.</param>
    /// <returns>For each key that signs no more, when the last token it signed has expired.</returns>
    internal IReadOnlyList<(string KeyId, DateTimeOffset Until)> Switch(KeyRoll next, IEnumerable<SigningKey> keys)
    {
        var ended = new List<(string, DateTimeOffset)>();
        _using.EnterWriteLock();
        try
        {
            foreach (var key in keys)
            {
                var signer = Of(key.Version);
                ended.Add((signer.Key.VerificationKey.KeyId, new DateTimeOffset(signer.LastExpiryTicks, TimeSpan.Zero)));
                signer.Replace(key);
            }

            _roll = next;
            return ended;
        }
        finally
        {
            _using.ExitWriteLock();
        }
    }

    public void Dispose()
    {
        _v2.Key.Dispose();
        _v4.Key.Dispose();
        _using.Dispose();
    }

    private Signer Of(TokenVersion version) => version == TokenVersion.V4 ? _v4 : _v2;

    /// <summary>A key for as long as it is used.</summary>
    internal readonly ref struct Use(SigningKey key, ReaderWriterLockSlim held)
    {
        internal SigningKey Key => key;

        public void Dispose() => held.ExitReadLock();
    }

    /// <summary>The key of one version, and how long what it has signed lives.</summary>
    private sealed class Signer(SigningKey key, long lastExpiryTicks)
    {
        private long _lastExpiryTicks = lastExpiryTicks;

        internal SigningKey Key { get; private set; } = key;

        internal long LastExpiryTicks => _lastExpiryTicks;

        internal void NoteExpiry(long ticks)
        {
            for (var known = Volatile.Read(ref _lastExpiryTicks); known < ticks;)
            {
                var seen = Interlocked.CompareExchange(ref _lastExpiryTicks, ticks, known);
                if (seen == known)
                {
                    return;
                }

                known = seen;
            }
        }

        /// <summary>Nobody signs meanwhile.</summary>
        internal void Replace(SigningKey next)
        {
            Key.Dispose();
            Key = next;
            _lastExpiryTicks = DateTimeOffset.MinValue.UtcTicks;
        }
    }
}
