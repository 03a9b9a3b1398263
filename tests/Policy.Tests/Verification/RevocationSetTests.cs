namespace Strata.Policy.Tests;

public class RevocationSetTests
{
    private const string Key = "v4key";

    private static readonly DateTimeOffset Later = Samples.Now.AddHours(1);

    private static readonly RevocationRule[] Rules =
    [
        new(RevocationScope.Subject, "alice", Samples.Now, Later),
        new(RevocationScope.Template, "agent-readonly", Samples.Now, Later),
        new(RevocationScope.Key, "lostkey", Samples.Now.AddDays(-1), Later),
        new(RevocationScope.Everything, RevocationRule.AnyValue, Samples.Now.AddDays(-1), Later),
    ];

    [Fact]
    public void A_revoked_capability_is_found_by_its_id_and_by_its_claims()
    {
        var set = new RevocationSet();
        Assert.Equal(RevocationStatus.Active, set.Check(Samples.CapId));
        Assert.Equal(RevokeOutcome.Added, set.Add(new(Samples.CapId, Later)));
        Assert.Equal(RevokeOutcome.AlreadyRevoked, set.Add(new(Samples.CapId, Later)));
        Assert.Equal(RevocationStatus.Revoked, set.Check(Samples.CapId));
        Assert.Equal(RevocationStatus.Revoked, set.Check(Samples.Claims, Key));
        Assert.Equal(RevocationStatus.Active, set.Check(Samples.Claims with { CapabilityId = Samples.CapIdOf(1) }, Key));
        Assert.Equal(1, set.Count);
    }

    [Fact]
    public void Looking_a_capability_up_allocates_nothing()
    {
        var set = new RevocationSet();
        set.Add(new(Samples.CapId, Later));
        foreach (var rule in Rules)
        {
            set.AddRule(rule);
        }

        var claims = Samples.Claims with { Template = "other", Since = Samples.Now.AddHours(-1), Chain = CapabilityChain.Of(new Ancestor(Samples.CapIdOf(1), "bob")) };
        _ = set.Check(claims, Key);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            _ = set.Check(claims, Key);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_set_that_lost_a_revocation_trusts_nobody_until_a_snapshot_fits()
    {
        var set = new RevocationSet(maxEntries: 3);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(RevokeOutcome.Added, set.Add(new(Samples.CapIdOf(i), Later)));
        }

        Assert.Equal(RevocationStatus.Active, set.Check(Samples.CapIdOf(9)));
        Assert.Equal(RevokeOutcome.Full, set.Add(new(Samples.CapIdOf(3), Later)));
        Assert.Equal(3, set.Count);
        Assert.True(set.IsOverflowing);
        Assert.Equal(RevocationStatus.Unknown, set.Check(Samples.CapIdOf(9)));
        Assert.Equal(RevocationStatus.Unknown, set.Check(Samples.Claims, Key));
        Assert.Equal(RevocationStatus.Revoked, set.Check(Samples.CapIdOf(0)));

        Assert.Equal(RevokeOutcome.Added, set.Replace([new(Samples.CapIdOf(3), Later)]));
        Assert.Equal(RevocationStatus.Active, set.Check(Samples.CapIdOf(9)));
        Assert.Equal(RevocationStatus.Revoked, set.Check(Samples.CapIdOf(3)));
        Assert.Equal(RevocationStatus.Active, set.Check(Samples.CapIdOf(0)));
    }

    [Fact]
    public void A_snapshot_may_be_as_large_as_the_limit_and_no_larger()
    {
        var set = new RevocationSet(maxEntries: 3);
        RevokedCapability[] Snapshot(int count) => [.. Enumerable.Range(0, count).Select(i => new RevokedCapability(Samples.CapIdOf(i), Later))];
        Assert.Equal(RevokeOutcome.Added, set.Replace(Snapshot(3)));
        Assert.Equal(3, set.ToSnapshot().Count);
        Assert.Equal(RevokeOutcome.Full, set.Replace(Snapshot(4)));
        Assert.Equal(RevocationStatus.Unknown, set.Check(Samples.CapIdOf(9)));
    }

    [Fact]
    public void Only_what_no_clock_could_take_for_valid_is_pruned()
    {
        var set = new RevocationSet();
        set.Add(new(Samples.CapIdOf(1), Samples.Now));
        set.Add(new(Samples.CapIdOf(2), Later));
        Assert.Equal(0, set.Prune(Samples.Now + ClockSkew.Max));
        Assert.Equal(1, set.Prune(Samples.Now + ClockSkew.Max + TimeSpan.FromTicks(1)));
        Assert.Equal([new RevokedCapability(Samples.CapIdOf(2), Later)], set.ToSnapshot());
        Assert.Equal(1, set.Count);
    }

    [Fact]
    public void What_is_no_capability_id_cannot_be_revoked()
    {
        var set = new RevocationSet();
        var refusal = Assert.Throws<ArgumentException>(() => set.Add(new("xyz", Later)));
        Assert.StartsWith("A capability id is 16 to 64 lower-case hex digits.", refusal.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => set.Replace([new(new string('a', 65), Later)]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RevocationSet(0));
    }
}
