using Strata.Policy;

namespace Strata.Identity;

/// <summary>
/// The keys in use: the roll, and the private halves of those that sign. Signing goes on beside everything, without a lock.
/// All members are safe from any thread, but one at a time calls <see cref="Switch"/>.
/// </summary>
/// <param name="roll">What is stored.</param>
/// <param name="v2">The key that signs v2.</param>
/// <param name="v4">The key that signs v4.</param>
/// <param name="signed">When the last token that an earlier run signed with them has expired.</param>
internal sealed class KeyRing(KeyRoll roll, SigningKey v2, SigningKey v4, DateTimeOffset signed) : IDisposable
{
    private volatile KeyRoll _roll = roll;
    private Signer _v2 = new(v2, signed.UtcTicks);
    private Signer _v4 = new(v4, signed.UtcTicks);

    /// <summary>The roll in force.</summary>
    internal KeyRoll Roll => _roll;

    /// <summary>The public half of the key of a version that signs.</summary>
    internal VerificationKey Active(TokenVersion version) => _roll.Active(version).Key;

    /// <summary>Signs with the key of a version: it is not erased before the use ends.</summary>
    /// <param name="version">The version.</param>
    /// <param name="expires">When the token will have expired.</param>
    internal Use Begin(TokenVersion version, DateTimeOffset expires)
    {
        ref var place = ref Of(version);
        while (true)
        {
            var signer = Volatile.Read(ref place);
            signer.Enter();
            // Entered while it was in its place, it is waited for by whoever takes it away.
            if (signer == Volatile.Read(ref place))
            {
                signer.NoteExpiry(expires.UtcTicks);
                return new Use(signer);
            }

            signer.Leave();
        }
    }

    /// <summary>Puts a roll in force that changes nothing about who signs.</summary>
    internal void Adopt(KeyRoll next) => _roll = next;

    /// <summary>Lets other keys sign, waits for what is being signed at this instant, and erases those that did from memory.</summary>
    /// <param name="next">The roll that says so, stored already.</param>
    /// <param name="keys">The keys; owned by the ring from now on.</param>
    /// <returns>For each key that signs no more, when the last token it signed has expired.</returns>
    internal IReadOnlyList<(string KeyId, DateTimeOffset Until)> Switch(KeyRoll next, IEnumerable<SigningKey> keys)
    {
        var ended = new List<(string, DateTimeOffset)>();
        foreach (var key in keys)
        {
            var old = Interlocked.Exchange(ref Of(key.Version), new Signer(key, DateTimeOffset.MinValue.UtcTicks));
            var lastExpiry = old.End();
            ended.Add((old.Key.VerificationKey.KeyId, new DateTimeOffset(lastExpiry, TimeSpan.Zero)));
        }

        // Last of all: a key that the roll calls retiring signs nothing any more, so it may be revoked.
        _roll = next;
        return ended;
    }

    public void Dispose()
    {
        _v2.Key.Dispose();
        _v4.Key.Dispose();
    }

    private ref Signer Of(TokenVersion version) => ref version == TokenVersion.V4 ? ref _v4 : ref _v2;

    /// <summary>A key for as long as it is used.</summary>
    internal readonly ref struct Use(Signer signer)
    {
        internal SigningKey Key => signer.Key;

        public void Dispose() => signer.Leave();
    }

    /// <summary>The key of one version, who uses it now, and how long what it has signed lives.</summary>
    internal sealed class Signer(SigningKey key, long lastExpiryTicks)
    {
        private long _lastExpiryTicks = lastExpiryTicks;
        private int _users;

        internal SigningKey Key => key;

        internal void Enter() => Interlocked.Increment(ref _users);

        internal void Leave() => Interlocked.Decrement(ref _users);

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

        /// <summary>Erases the key once nobody uses it, which is a matter of one signature; nobody new does.</summary>
        /// <returns>When the last token it signed has expired.</returns>
        internal long End()
        {
            for (var spin = default(SpinWait); Volatile.Read(ref _users) > 0;)
            {
                spin.SpinOnce();
            }

            key.Dispose();
            return Volatile.Read(ref _lastExpiryTicks);
        }
    }
}
