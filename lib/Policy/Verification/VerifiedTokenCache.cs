using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Strata.Policy;

/// <summary>
/// Remembers verified tokens by their bytes. Set-associative: a token may stand in any of the eight places its hash names, so
/// the bound holds by construction, and a place is read and replaced by one reference: no lock. Within a set the places are
/// given up by second chance (clock): a token used since the hand last passed stays.
/// </summary>
internal sealed class VerifiedTokenCache
{
    internal const int Ways = 8;

    /// <summary>Shorter than any token, longer than what the hash reads.</summary>
    private const int MinTokenBytes = PasetoHeader.Bytes + 86;
    private const int HashedBytes = 4 * sizeof(ulong);

    private readonly Entry?[] entries;
    private readonly int[] hands;
    private readonly int maxTokenBytes;
    private readonly ulong seedA;
    private readonly ulong seedB;

    internal VerifiedTokenCache(int maxTokens, int maxTokenBytes)
    {
        var sets = (Math.Clamp(maxTokens, 0, 1 << 20) + Ways - 1) / Ways;
        entries = new Entry?[sets * Ways];
        hands = new int[sets];
        this.maxTokenBytes = maxTokenBytes;
        // A new GUID holds 122 bits from the kernel's generator: nobody can choose tokens that crowd one set.
        (seedA, seedB) = Unsafe.BitCast<Guid, (ulong, ulong)>(Guid.NewGuid());
    }

    internal int Capacity => entries.Length;

    internal int Count => entries.Count(entry => entry is not null);

    internal VerifiedToken? Find(ReadOnlySpan<byte> token)
    {
        if (!CanHold(token))
        {
            return null;
        }

        var hash = HashOf(token);
        foreach (ref var place in entries.AsSpan(FirstWayOf(hash), Ways))
        {
            var entry = Volatile.Read(ref place);
            if (entry is not null && entry.Hash == hash && token.SequenceEqual(entry.Token))
            {
                // Written only when it changes, so that a busy token's cache line stays shared between cores.
                if (!entry.WasUsed)
                {
                    entry.WasUsed = true;
                }

                return entry.Verified;
            }
        }

        return null;
    }

    internal void Add(ReadOnlySpan<byte> token, VerifiedToken verified)
    {
        if (!CanHold(token))
        {
            return;
        }

        var hash = HashOf(token);
        var first = FirstWayOf(hash);
        var entry = new Entry(hash, token.ToArray(), verified);
        Volatile.Write(ref entries[first + ChooseWay(first)], entry);
    }

    private bool CanHold(ReadOnlySpan<byte> token) =>
        hands is not [] && token.Length >= MinTokenBytes && token.Length <= maxTokenBytes;

    /// <summary>The first place that is empty, or whose token was not used since the hand last passed; alone, the hand goes round once at most.</summary>
    private int ChooseWay(int first)
    {
        ref var hand = ref hands[first / Ways];
        var start = Next(ref hand);
        var way = start;
        do
        {
            if (Volatile.Read(ref entries[first + way]) is not { WasUsed: true } entry)
            {
                return way;
            }

            entry.WasUsed = false;
            way = Next(ref hand);
        }
        while (way != start);
        return way;
    }

    private static int Next(ref int hand) => (int)((uint)Interlocked.Increment(ref hand) % Ways);

    private int FirstWayOf(ulong hash) => (int)((hash >> 32) * (ulong)hands.Length >> 32) * Ways;

    /// <summary>
    /// Hashes the last 32 characters of the signature's segment: they differ between any two tokens, which the first ones do
    /// not, and a footer is the same for all tokens of a key. The seed keeps collisions from being prepared.
    /// </summary>
    private ulong HashOf(ReadOnlySpan<byte> token)
    {
        var dot = token.LastIndexOf((byte)'.');
        var end = dot >= MinTokenBytes ? dot : token.Length;
        var words = MemoryMarshal.Cast<byte, ulong>(token[..end][^HashedBytes..]);
        return Mix(Mix(words[0] ^ seedA, words[1] ^ seedB) ^ words[2], words[3] ^ seedA ^ (ulong)token.Length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }

    private sealed class Entry(ulong hash, byte[] token, VerifiedToken verified)
    {
        internal readonly ulong Hash = hash;
        internal readonly byte[] Token = token;
        internal readonly VerifiedToken Verified = verified;
        internal volatile bool WasUsed;
    }
}
