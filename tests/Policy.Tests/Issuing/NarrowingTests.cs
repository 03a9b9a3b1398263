namespace Strata.Policy.Tests;

public class NarrowingTests
{
    private static readonly CapabilityClaims Parent = Samples.Claims;

    [Fact]
    public void The_same_again_is_within() => Assert.True(Narrowing.IsWithin(Parent with { CapabilityId = Samples.CapIdOf(1) }, Parent));

    [Fact]
    public void Less_of_anything_is_within()
    {
        AssertWithin(Parent with { Rights = NameList.Of("fs.read") });
        AssertWithin(Parent with { Rights = NameList.Empty });
        AssertWithin(Parent with { Rights = NameList.Empty, Actions = NameList.Of("open") });
        AssertWithin(Parent with { ExpiresAt = Parent.ExpiresAt.AddSeconds(-1) });
        AssertWithin(Parent with { Constraints = Parent.Constraints with { PathPrefix = Samples.Prefix("/srv/data/a") } });
        AssertWithin(Parent with { Constraints = Parent.Constraints with { PathPrefix = null } });
        AssertWithin(Parent with { Constraints = Parent.Constraints with { RateLimit = new RateLimit(49) } });
    }

    [Fact]
    public void More_of_anything_is_named()
    {
        AssertExcess("rights[0]", Parent with { Rights = NameList.Of("fs.write") });
        AssertExcess("actions[1]", Parent with { Actions = NameList.Of("open", "write") });
        AssertExcess("service", Parent with { Service = "registry" });
        AssertExcess("issuer", Parent with { Issuer = "identity@elsewhere" });
        AssertExcess("issuer", Parent with { Audience = "other" });
        AssertExcess("ttl_seconds", Parent with { ExpiresAt = Parent.ExpiresAt.AddTicks(1) });
        AssertExcess("path_prefix", Parent with { Constraints = Parent.Constraints with { PathPrefix = Samples.Prefix("/srv") } });
        AssertExcess("path_prefix", Parent with { Constraints = Parent.Constraints with { PathPrefix = Samples.Prefix("/srv/database") } });
        AssertExcess("rate_limit", Parent with { Constraints = Parent.Constraints with { RateLimit = new RateLimit(51) } });
        AssertExcess("rate_limit", Parent with { Constraints = Parent.Constraints with { RateLimit = null } });
        AssertExcess("constraints", Parent with { Constraints = Parent.Constraints with { Unknown = NameList.Of("x") } });
    }

    [Fact]
    public void Further_constraints_may_be_added_and_tightened_but_never_dropped_or_loosened()
    {
        var (none, all) = (Parent.Constraints, Samples.Bound(Parent).Constraints);
        AssertWithin(Parent with { Constraints = all });
        var bound = Parent with { Constraints = all };
        Assert.Null(Narrowing.FindExcess(bound with { Constraints = all with { MaxBytes = all.MaxBytes - 1, QuotaBytes = 1 } }, bound));
        Assert.Null(Narrowing.FindExcess(bound with { Constraints = all with { NotBefore = all.NotBefore + TimeSpan.FromTicks(1) } }, bound));
        Assert.Null(Narrowing.FindExcess(bound with { Constraints = all with { MethodsDenied = NameList.Of("fs.x", "fs.list", "fs.stat") } }, bound));
        (string Field, CapabilityConstraints Child)[] excesses =
        [
            ("methods_denied", all with { MethodsDenied = none.MethodsDenied }),
            ("methods_denied", all with { MethodsDenied = NameList.Of("fs.list") }),
            ("max_bytes", all with { MaxBytes = null }),
            ("max_bytes", all with { MaxBytes = all.MaxBytes + 1 }),
            ("quota_bytes", all with { QuotaBytes = null }),
            ("quota_bytes", all with { QuotaBytes = all.QuotaBytes + 1 }),
            ("read_only", all with { ReadOnly = false }),
            ("once", all with { Once = false }),
            ("not_before", all with { NotBefore = null }),
            ("not_before", all with { NotBefore = all.NotBefore - TimeSpan.FromTicks(1) }),
            ("uid", all with { Uid = null }),
            ("uid", all with { Uid = 0 }),
            ("holder_key", all with { HolderKey = null }),
            ("holder_key", all with { HolderKey = HolderKey.Of(TestKeys.V4.VerificationKey.PublicKey) }),
        ];
        Assert.All(excesses, e => Assert.Equal(e.Field, Narrowing.FindExcess(Parent with { Constraints = e.Child }, bound)?.Field));
    }

    [Fact]
    public void A_parent_that_opens_no_path_cannot_give_one()
    {
        var pathless = Parent with { Constraints = Parent.Constraints with { PathPrefix = null } };
        Assert.Equal("path_prefix", Narrowing.FindExcess(Parent, pathless)?.Field);
    }

    [Fact]
    public void A_parent_with_a_constraint_nobody_knows_cannot_give_anything()
    {
        var puzzling = Parent with { Constraints = Parent.Constraints with { Unknown = NameList.Of("x") } };
        Assert.Equal("constraints", Narrowing.FindExcess(Parent, puzzling)?.Field);
    }

    [Fact]
    public void Whatever_a_child_within_is_allowed_its_parent_is_allowed_too()
    {
        var random = new Random(20260131);
        var (within, allowed) = (0, 0);
        for (var round = 0; round < 400_000; round++)
        {
            var parent = RandomCapability.Claims(random);
            var child = random.Next(2) == 0 ? RandomCapability.Claims(random) : RandomCapability.Near(random, parent);
            if (!Narrowing.IsWithin(child, parent))
            {
                continue;
            }

            within++;
            Assert.True((child.Constraints.RateLimit?.PerSecond ?? int.MaxValue) <= (parent.Constraints.RateLimit?.PerSecond ?? int.MaxValue));
            var request = RandomCapability.Request(random);
            if (Authorizer.Authorize(child, request).IsAllowed)
            {
                allowed++;
                AssertSameFile(child, parent, request);
            }
        }

        // A property that is never put to the test would hold too.
        Assert.True(within > 500 && allowed > 100, $"{within} within, {allowed} allowed");
    }

    [Fact]
    public void Within_is_reflexive_and_transitive()
    {
        var random = new Random(77);
        var chains = 0;
        for (var round = 0; round < 60_000; round++)
        {
            var c = RandomCapability.Claims(random);
            var b = RandomCapability.Near(random, c);
            var a = RandomCapability.Near(random, b);
            Assert.Equal(a.Constraints.Unknown.Count == 0, Narrowing.IsWithin(a, a));
            if (Narrowing.IsWithin(a, b) && Narrowing.IsWithin(b, c))
            {
                chains++;
                Assert.True(Narrowing.IsWithin(a, c), $"{a} {b} {c}");
            }
        }

        Assert.True(chains > 30, $"{chains} chains");
    }

    /// <summary>An absolute path must lead both to the same place; a relative one is relative to each one's own prefix.</summary>
    private static void AssertSameFile(CapabilityClaims child, CapabilityClaims parent, AuthorizationRequest request)
    {
        var full = !request.NeedsPath || request.Path is null || request.Path.StartsWith('/')
            ? request
            : request with { Path = $"{child.Constraints.PathPrefix!.Value.TrimEnd('/')}/{request.Path}" };
        Assert.True(Authorizer.Authorize(parent, full).IsAllowed, $"{child} {parent} {request}");
    }

    private static void AssertWithin(CapabilityClaims child) => Assert.Null(Narrowing.FindExcess(child, Parent));

    private static void AssertExcess(string field, CapabilityClaims child)
    {
        Assert.Equal(field, Narrowing.FindExcess(child, Parent)?.Field);
        Assert.False(Narrowing.IsWithin(child, Parent));
    }
}
