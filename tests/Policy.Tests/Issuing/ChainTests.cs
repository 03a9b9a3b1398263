using System.Globalization;

namespace Strata.Policy.Tests;

/// <summary>Random chains of random wishes. A class of its own, so that the others run beside it.</summary>
public class ChainTests
{
    /// <summary>How many chains are tried: a million, or <c>STRATA_CHAIN_RUNS</c>.</summary>
    private static int Runs => int.TryParse(Environment.GetEnvironmentVariable("STRATA_CHAIN_RUNS"), CultureInfo.InvariantCulture, out var runs) ? runs : 1_000_000;

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
}
