using Microsoft.Extensions.Logging.Abstractions;
using Strata.Policy;

namespace Strata.Identity.Tests;

/// <summary>A crash may leave any part of the write in progress, and zeros after it. What was acknowledged before must hold.</summary>
public class RevocationCrashTests
{
    private const int Rounds = 1000;
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Later = Now.AddHours(1);

    [Fact]
    public void No_acknowledged_revocation_is_lost_by_a_crash_in_any_write()
    {
        var random = new Random(1000);
        using var scratch = new Scratch();
        var state = scratch["state"];
        var (ids, rules) = (new List<RevokedCapability>(), new List<RevocationRule>());
        using (var directory = IdentityDirectory.Open(state))
        {
            RevocationLog.Open(directory, true, Now, NullLogger.Instance).Log.Dispose();
        }

        var path = Path.Combine(state, "identity", RevocationLog.FileName);
        for (var round = 0; round < Rounds; round++)
        {
            using var directory = IdentityDirectory.Open(state);
            var (log, live) = RevocationLog.Open(directory, false, Now, NullLogger.Instance);
            using var held = log;
            AssertHolds(ids, rules, live, log.LoadedRules);

            // One write is acknowledged, the next is cut short.
            var (addedIds, addedRules) = Batch(random, round);
            log.Append(addedIds, () => live, addedRules, () => log.LoadedRules);
            ids.AddRange(addedIds);
            rules.AddRange(addedRules);
            if (random.Next(50) == 0)
            {
                log.Rewrite(ids, rules);
            }

            var (lostIds, lostRules) = Batch(random, round + 1_000_000);
            var torn = RevocationRecords.Encode(lostIds, lostRules);
            using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
            var kept = random.Next(torn.Length);
            file.Write(torn.AsSpan(0, kept));
            file.Write(new byte[IsWithinChecksum(torn, kept) ? 0 : random.Next(3) * 17]);
        }
    }

    [Fact]
    public void Cut_at_any_byte_every_whole_rule_before_is_kept()
    {
        RevocationRule[] rules = [Rule(1), Rule(2), Rule(3), Rule(4)];
        var file = RevocationRecords.EncodeFile([Scratch.Revoked(1, Later)], rules);
        var ends = Enumerable.Range(0, file.Length).Where(i => file[i] == '\n').Select(i => i + 1).ToArray();
        for (var length = ends[1]; length <= file.Length; length++)
        {
            var content = RevocationRecords.Parse(file.AsSpan(0, length));
            Assert.Null(content.Fault);
            var whole = ends.Count(e => e <= length) - 2;
            Assert.Equal(rules.Take(whole), content.Rules.Take(whole));
            Assert.InRange(content.Rules.Count, whole, whole + 1);
            Assert.Equal(!ends.Contains(length), content.IsTorn);
        }
    }

    [Fact]
    public void Any_flipped_bit_of_a_rule_is_damage_and_never_a_lost_revocation()
    {
        var file = RevocationRecords.EncodeFile([], [Rule(1), Rule(4)]);
        for (var position = 0; position < file.Length - 1; position++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                file[position] ^= (byte)(1 << bit);
                Assert.NotNull(RevocationRecords.Parse(file).Fault);
                file[position] ^= (byte)(1 << bit);
            }
        }
    }

    [Fact]
    public void The_format_of_rules_is_the_documented_one() => Assert.Equal(
        "@subject s1 1893455999 1893459600\n@template t2 1893455998 1893459600\n@key k3 1893455997 1893459600\n@everything * 1893455996 1893459600",
        string.Join('\n', Enumerable.Range(1, 4).Select(i => RuleRecords.Encode(Rule(i)))));

    private static RevocationRule Rule(int number) => new(
        (RevocationScope)((number - 1) % 4),
        (number % 4) switch { 1 => $"s{number}", 2 => $"t{number}", 3 => $"k{number}", _ => "*" },
        Now.AddSeconds(-number),
        Later);

    private static (List<RevokedCapability> Ids, List<RevocationRule> Rules) Batch(Random random, int seed)
    {
        var numbers = Enumerable.Range(1, random.Next(1, 4)).Select(i => (seed * 4) + i).ToList();
        return random.Next(3) == 0
            ? ([], [.. numbers.Select(n => Rule(n))])
            : ([.. numbers.Select(n => Scratch.Revoked(n, Later))], []);
    }

    /// <summary>A whole checksum with zeros in place of the newline is read as damage: better than to take a revocation for unfinished.</summary>
    private static bool IsWithinChecksum(byte[] torn, int kept) => torn.AsSpan(kept, Math.Min(9, torn.Length - kept)).Contains((byte)'\n');

    private static void AssertHolds(List<RevokedCapability> ids, List<RevocationRule> rules, IReadOnlyList<RevokedCapability> live, IReadOnlyList<RevocationRule> liveRules)
    {
        var known = live.ToHashSet();
        Assert.All(ids, id => Assert.Contains(id, known));
        var knownRules = liveRules.ToHashSet();
        Assert.All(rules, rule => Assert.Contains(rule, knownRules));
    }
}
