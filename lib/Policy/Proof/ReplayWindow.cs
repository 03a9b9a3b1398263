namespace Strata.Policy;

/// <summary>
/// Remembers what was signed for as long as its proof is fresh, so that no proof serves twice. What was signed is remembered and
/// not the signature: of one message there may be several signatures. Bounded; when it is full it refuses, it never forgets what
/// could come again. Safe from any thread.
/// </summary>
public sealed class ReplayWindow
{
    /// <summary>Most proofs remembered: 262 144, some 24 MiB.</summary>
    public const int MaxEntries = 262_144;

    /// <summary>
    /// Most proofs remembered for one root and all that was derived from it: 65 536, two thousand calls a second. No holder can
    /// use up the room of all.
    /// </summary>
    public const int MaxEntriesPerRoot = 65_536;

    private readonly Lock changing = new();
    private readonly Dictionary<long, Second> seconds = [];
    private readonly int maxEntries;
    private readonly int maxEntriesPerRoot;
    private long forgottenMs;
    private long prunedMs;
    private int count;

    /// <summary>Begins to remember.</summary>
    /// <param name="beganAt">
    /// Now. What was signed before may have been accepted by a process that is gone, together with what then lay
    /// <see cref="MaxAhead"/> ahead: none of it is accepted.
    /// </param>
    /// <param name="maxEntries">See <see cref="MaxEntries"/>.</param>
    /// <param name="maxEntriesPerRoot">See <see cref="MaxEntriesPerRoot"/>.</param>
    public ReplayWindow(DateTimeOffset beganAt, int maxEntries = MaxEntries, int maxEntriesPerRoot = MaxEntriesPerRoot)
    {
        forgottenMs = (beganAt + MaxAhead).ToUnixTimeMilliseconds();
        (this.maxEntries, this.maxEntriesPerRoot) = (maxEntries, maxEntriesPerRoot);
    }

    /// <summary>Longest time between signing and arrival: 30 s.</summary>
    public static TimeSpan MaxAge { get; } = TimeSpan.FromSeconds(30);

    /// <summary>How far ahead of this machine's clock a signer's may be: 1 s. Callers share the clock unless their socket is forwarded.</summary>
    public static TimeSpan MaxAhead { get; } = TimeSpan.FromSeconds(1);

    /// <summary>How many proofs are remembered.</summary>
    public int Count
    {
        get
        {
            lock (changing)
            {
                return count;
            }
        }
    }

    /// <summary>Whether a proof of this time can be fresh at all.</summary>
    public bool IsFresh(long timeMs, DateTimeOffset now)
    {
        var nowMs = now.ToUnixTimeMilliseconds();
        return timeMs > Volatile.Read(ref forgottenMs)
            && timeMs >= nowMs - (long)MaxAge.TotalMilliseconds && timeMs <= nowMs + (long)MaxAhead.TotalMilliseconds;
    }

    /// <summary>How long it takes until a proof that is signed then is accepted; zero but for the first moment of a process.</summary>
    public TimeSpan OpensIn(DateTimeOffset now)
    {
        var left = Volatile.Read(ref forgottenMs) + 1 - now.ToUnixTimeMilliseconds();
        return left <= MaxAhead.TotalMilliseconds + 1 ? TimeSpan.FromMilliseconds(Math.Max(left, 0)) : TimeSpan.Zero;
    }

    /// <summary>Takes a proof that verifies.</summary>
    /// <param name="digest">Digest of what was signed.</param>
    /// <param name="root">The first capability of the chain.</param>
    /// <param name="timeMs">When it was signed, Unix milliseconds.</param>
    /// <param name="now">The time, UTC.</param>
    /// <returns><see cref="ProofStatus.Valid"/>, <see cref="ProofStatus.Replayed"/> or <see cref="ProofStatus.Unrecorded"/>.</returns>
    public ProofStatus Take(UInt128 digest, string root, long timeMs, DateTimeOffset now)
    {
        lock (changing)
        {
            Prune(now.ToUnixTimeMilliseconds());
            var number = timeMs / 1000;
            if (!IsFresh(timeMs, now) || (seconds.TryGetValue(number, out var second) && second.Seen.Contains(digest)))
            {
                return ProofStatus.Replayed;
            }

            if (count >= maxEntries || CountOf(root) >= maxEntriesPerRoot)
            {
                return ProofStatus.Unrecorded;
            }

            second ??= seconds[number] = new Second();
            second.Seen.Add(digest);
            second.ByRoot[root] = second.ByRoot.GetValueOrDefault(root) + 1;
            count++;
            return ProofStatus.Valid;
        }
    }

    private int CountOf(string root)
    {
        var sum = 0;
        foreach (var second in seconds.Values)
        {
            sum += second.ByRoot.GetValueOrDefault(root);
        }

        return sum;
    }

    /// <summary>Drops the seconds of which nothing is fresh, once a second, and remembers up to when it did: a clock that is set back brings nothing back.</summary>
    private void Prune(long nowMs)
    {
        if (Math.Abs(nowMs - prunedMs) < 1000)
        {
            return;
        }

        prunedMs = nowMs;
        foreach (var (number, second) in seconds)
        {
            var lastMs = (number * 1000) + 999;
            if (lastMs < nowMs - (long)MaxAge.TotalMilliseconds)
            {
                // Dictionaries allow removal while they are enumerated.
                seconds.Remove(number);
                count -= second.Seen.Count;
                Volatile.Write(ref forgottenMs, Math.Max(forgottenMs, lastMs));
            }
        }
    }

    /// <summary>What was signed within one second.</summary>
    private sealed class Second
    {
        internal HashSet<UInt128> Seen { get; } = [];

        internal Dictionary<string, int> ByRoot { get; } = new(StringComparer.Ordinal);
    }
}
