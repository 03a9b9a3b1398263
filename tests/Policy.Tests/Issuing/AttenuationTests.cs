using System.Globalization;

namespace Strata.Policy.Tests;

public class AttenuationTests
{
    private static readonly CapabilityClaims Parent = Samples.Claims with { Subject = "alice", Template = "agent", CapabilityId = Samples.CapIdOf(1) };

    [Fact]
    public void What_is_not_named_is_inherited()
    {
        var child = Derive(Parent, new IssueRequest());
        Assert.Equal((Parent.Rights, Parent.Constraints, Parent.ExpiresAt, "alice", "agent"), (child.Rights, child.Constraints, child.ExpiresAt, child.Subject, child.Template));
        Assert.Equal([new Ancestor(Parent.CapabilityId, null, new RateLimit(50))], child.Chain);
        Assert.Equal((Parent.CapabilityId, Parent.CapabilityId, Parent.IssuedAt), (child.Parent, child.Root, child.Began));
    }

    [Fact]
    public void What_is_named_narrows()
    {
        var child = Derive(Parent, new IssueRequest { Rights = ["fs.read"], PathPrefix = "/srv/data/in", RateLimit = "5rps", TtlSeconds = 60, Subject = "bob", ReadOnly = true, Uid = 7 });
        Assert.Equal((NameList.Of("fs.read"), "bob", Samples.Now.AddMinutes(1)), (child.Rights, child.Subject, child.ExpiresAt));
        Assert.Equal(new CapabilityConstraints { PathPrefix = Samples.Prefix("/srv/data/in"), RateLimit = new RateLimit(5), ReadOnly = true, Uid = 7 }, child.Constraints);
        Assert.Equal("alice", child.Chain[0].Subject);
        Assert.Empty(Derive(child, new IssueRequest { Rights = [] }).Rights);
    }

    [Fact]
    public void Denied_methods_add_up_to_their_limit()
    {
        var some = Derive(Parent, new IssueRequest { MethodsDenied = ["fs.list"] });
        var more = Derive(some, new IssueRequest { MethodsDenied = ["fs.stat", "fs.list"] });
        Assert.Equal(NameList.Of("fs.list", "fs.stat"), more.Constraints.MethodsDenied);

        string[] Names(int count) => [.. Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"fs.m{i}"))];
        Assert.Equal(64, Derive(some, new IssueRequest { MethodsDenied = Names(63) }).Constraints.MethodsDenied.Count);
        Assert.Equal("methods_denied", Refused(some, new IssueRequest { MethodsDenied = Names(64) }, isExcess: false).Field);
    }

    [Fact]
    public void More_of_anything_is_an_excess()
    {
        var bound = Samples.Bound(Parent) with { Constraints = Samples.Bound(Parent).Constraints with { Once = false } };
        (string Field, IssueRequest Wish)[] excesses =
        [
            ("service", new() { Service = "registry" }),
            ("rights[0]", new() { Rights = ["fs.write"] }),
            ("actions[0]", new() { Actions = ["write"] }),
            ("ttl_seconds", new() { TtlSeconds = 3601 }),
            ("path_prefix", new() { PathPrefix = "/srv" }),
            ("rate_limit", new() { RateLimit = "51rps" }),
            ("max_bytes", new() { MaxBytes = 4097 }),
            ("quota_bytes", new() { QuotaBytes = (1 << 20) + 1 }),
            ("read_only", new() { ReadOnly = false }),
            ("not_before", new() { NotBefore = "2026-01-31T12:00:59Z" }),
            ("uid", new() { Uid = 0 }),
            ("holder_key", new() { HolderKey = HolderKey.Of(TestKeys.V4.VerificationKey.PublicKey).Value }),
        ];
        Assert.All(excesses, e => Assert.Equal(e.Field, Refused(bound, e.Wish, isExcess: true).Field));
    }

    [Fact]
    public void A_malformed_wish_is_no_excess()
    {
        Assert.Equal("path_prefix", Refused(Parent, new() { PathPrefix = "x" }, isExcess: false).Field);
        Assert.Equal("max_bytes", Refused(Parent, new() { MaxBytes = 0 }, isExcess: false).Field);
        Assert.Equal("not_before", Refused(Parent, new() { NotBefore = "2026-01-31T13:00:00Z" }, isExcess: false).Field);
    }

    [Fact]
    public void What_comes_of_a_capability_for_one_call_is_for_one_call()
    {
        Assert.True(Derive(Samples.Bound(Parent), new()).Constraints.Once);
        Assert.Equal("once", Refused(Samples.Bound(Parent), new() { Once = false }, isExcess: true).Field);
    }

    [Fact]
    public void An_expired_capability_has_no_children() =>
        Assert.Equal("ttl_seconds", Refused(Parent, new(), isExcess: true, Parent.ExpiresAt).Field);

    [Fact]
    public void A_chain_is_eight_deep_at_most()
    {
        var at = Parent;
        for (var depth = 1; depth <= ClaimLimits.MaxChain; depth++)
        {
            at = Derive(at, new IssueRequest(), id: 10 + depth);
            Assert.Equal((depth, Parent.CapabilityId), (at.Chain.Count, at.Root));
        }

        Assert.Equal("chain", Refused(at, new(), isExcess: true).Field);
        Assert.Throws<ArgumentException>(() => CapabilityChain.Of([.. at.Chain, new Ancestor(Samples.CapIdOf(99))]));
        Assert.Throws<ArgumentException>(() => CapabilityChain.Of(at.Chain[0], at.Chain[0]));
    }

    [Fact]
    public void A_quota_of_an_ancestor_still_counts()
    {
        var root = Parent with { Constraints = Parent.Constraints with { QuotaBytes = 100 } };
        var child = Derive(root, new IssueRequest { QuotaBytes = 10 });
        Assert.Equal([new ByteQuota(child.CapabilityId, 10), new ByteQuota(root.CapabilityId, 100)], child.Quotas);
    }

    private static CapabilityClaims Derive(CapabilityClaims parent, IssueRequest wish, int id = 2)
    {
        Assert.True(Attenuation.TryDerive(parent, wish, Samples.CapIdOf(id), Samples.Now, out var child, out var fault, out _), fault?.ToString());
        return child;
    }

    private static FieldFault Refused(CapabilityClaims parent, IssueRequest wish, bool isExcess, DateTimeOffset? now = null)
    {
        Assert.False(Attenuation.TryDerive(parent, wish, Samples.CapIdOf(2), now ?? Samples.Now, out var child, out var fault, out var exceeds));
        Assert.Null(child);
        Assert.Equal(isExcess, exceeds);
        return fault;
    }
}
