using System.Text;

namespace Strata.Policy.Tests;

/// <summary>Random damage with a fixed seed: the parser never throws and nothing damaged is accepted.</summary>
public class TokenMutationTests
{
    private const int Rounds = 20_000;

    [Theory]
    [InlineData(20260131, false)]
    [InlineData(20260201, true)]
    public void A_damaged_token_is_never_accepted(int seed, bool namesKey)
    {
        var random = new Random(seed);
        var verifier = new TokenVerifier(TestKeys.Provider, TestKeys.Both, new RevocationSet());
        var original = Samples.Token(namesKey: namesKey);
        Assert.True(verifier.Verify(original, Samples.Now).IsVerified);
        for (var round = 0; round < Rounds; round++)
        {
            var mutated = Mutation.Apply(random, original);
            if (!mutated.AsSpan().SequenceEqual(original))
            {
                Assert.False(verifier.Verify(mutated, Samples.Now).IsVerified, Encoding.Latin1.GetString(mutated));
            }
        }
    }

    [Fact]
    public void Damaged_claims_never_throw_and_never_gain_anything()
    {
        var random = new Random(7);
        var payload = new System.Buffers.ArrayBufferWriter<byte>();
        ClaimsWriter.Write(Samples.Claims, payload);
        var accepted = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var mutated = Mutation.Apply(random, payload.WrittenSpan);
            if (ClaimsReader.TryRead(mutated, ClaimsRules.Strict, out var claims, out var fault))
            {
                accepted++;
                AssertWellFormed(claims);
            }
            else
            {
                Assert.NotEmpty(fault);
            }
        }

        Assert.InRange(accepted, 1, Rounds / 2);
    }

    private static void AssertWellFormed(CapabilityClaims claims)
    {
        Assert.True(CapabilityNames.IsCapabilityId(claims.CapabilityId));
        Assert.True(CapabilityNames.IsService(claims.Service));
        Assert.All(claims.Rights, right => Assert.True(CapabilityNames.IsRight(right)));
        Assert.True(claims.ExpiresAt > claims.IssuedAt);
        Assert.InRange(claims.Constraints.RateLimit?.PerSecond ?? 1, 1, RateLimit.MaxPerSecond);
    }
}
