using System.Globalization;

namespace Strata.Policy.Tests;

public class AttenuationTests
{
    private static readonly CapabilityClaims Parent = Samples.Claims with { Subject = "alice", Template = "agent", CapabilityId = Samples.CapIdOf(1) };

    /// <summary>How many chains are tried: 40 000, or <c>STRATA_CHAIN_RUNS</c>.</summary>
    private static int Runs => int.TryParse(Environment.GetEnvironmentVariable("STRATA_CHAIN_RUNS"), CultureInfo.InvariantCulture, out var runs) ? runs : 40_000;

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

    [Fact]
    public void No_child_allows_what_an_ancestor_denies()
    {
        var random = new Random(20261121);
        var (steps, allowed, revokedByAncestor) = (0, 0, 0);
        for (var run = 0; run < Runs; run++)
        {
            var chain = RandomChain(random);
            steps += chain.Count - 1;
            var revocations = new RevocationSet();
            if (random.Next(4) == 0)
            {
                revocations.Add(new RevokedCapability(chain[random.Next(chain.Count)].CapabilityId, Samples.Now.AddDays(1)));
            }

            for (var ask = 0; ask < 4; ask++)
            {
                var request = RandomCapability.Request(random);
                if (Allows(chain[^1], request, revocations))
                {
                    allowed++;
                    AssertNoneDenies(chain, Absolute(request, chain[^1]), revocations);
                }
            }

            revokedByAncestor += revocations.Check(chain[^1], "k") == RevocationStatus.Revoked && revocations.Check(chain[^1].CapabilityId) != RevocationStatus.Revoked ? 1 : 0;
        }

        // A property that is never put to the test would hold too.
        Assert.True(steps > Runs && allowed > Runs / 20 && revokedByAncestor > Runs / 100, $"{steps} steps, {allowed} allowed, {revokedByAncestor} revoked by an ancestor");
    }

    private static void AssertNoneDenies(List<CapabilityClaims> chain, AuthorizationRequest request, RevocationSet revocations)
    {
        foreach (var ancestor in chain)
        {
            if (!Allows(ancestor, request, revocations))
            {
                Assert.Fail($"{chain[^1]} exceeds {ancestor}: {request}");
            }
        }
    }

    /// <summary>A root and what was derived from it by wishes that are often refused, the root first.</summary>
    private static List<CapabilityClaims> RandomChain(Random random)
    {
        var chain = new List<CapabilityClaims> { RandomCapability.Claims(random) with { CapabilityId = Samples.CapIdOf(1000) } };
        for (var depth = random.Next(1, 12); depth > 0; depth--)
        {
            if (Attenuation.TryDerive(chain[^1], RandomWish(random), Samples.CapIdOf(1000 + chain.Count), Samples.Now, out var child, out _, out _))
            {
                chain.Add(child);
            }
        }

        return chain;
    }

    private static IssueRequest RandomWish(Random random)
    {
        var wish = new IssueRequest();
        var changes = random.Next(0, 4);
        if (changes == 0)
        {
            return wish;
        }

        var from = RandomCapability.Claims(random);
        for (; changes > 0; changes--)
        {
            wish = random.Next(10) switch
            {
                0 => wish with { Rights = from.Rights },
                1 => wish with { Actions = from.Actions },
                2 => wish with { TtlSeconds = random.Next(1, 400) },
                3 => wish with { PathPrefix = from.Constraints.PathPrefix?.Value },
                4 => wish with { RateLimit = from.Constraints.RateLimit?.ToString() },
                5 => wish with { MethodsDenied = from.Constraints.MethodsDenied },
                6 => wish with { MaxBytes = from.Constraints.MaxBytes, ReadOnly = random.Next(3) == 0 ? null : random.Next(2) == 0 },
                7 => wish with { NotBefore = from.Constraints.NotBefore is { } at ? at.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) : null },
                8 => wish with { Uid = from.Constraints.Uid, HolderKey = from.Constraints.HolderKey?.Value },
                _ => wish with { Service = from.Service, Once = random.Next(3) == 0 ? null : random.Next(2) == 0, QuotaBytes = from.Constraints.QuotaBytes },
            };
        }

        return wish;
    }

    private static bool Allows(CapabilityClaims claims, AuthorizationRequest request, RevocationSet revocations) =>
        Authorizer.Authorize(claims, request with { Revocation = revocations.Check(claims, "k") }).IsAllowed;

    /// <summary>A relative path is relative to each one's own prefix; the same file is named by an absolute one.</summary>
    private static AuthorizationRequest Absolute(AuthorizationRequest request, CapabilityClaims asked) => !request.NeedsPath || request.Path!.StartsWith('/')
        ? request
        : request with { Path = $"{asked.Constraints.PathPrefix!.Value.TrimEnd('/')}/{request.Path}" };

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
