using System.Text;

namespace Strata.Policy.Tests;

public class TokenVerifierTests
{
    [Theory]
    [InlineData(TokenVersion.V2, false)]
    [InlineData(TokenVersion.V2, true)]
    [InlineData(TokenVersion.V4, false)]
    [InlineData(TokenVersion.V4, true)]
    public void An_issued_token_is_verified_with_and_without_a_key_id(TokenVersion version, bool namesKey)
    {
        var key = TestKeys.Of(version);
        var result = Verifier().Verify(Samples.Token(key: key, namesKey: namesKey), Samples.Now);
        Assert.True(result.IsVerified);
        Assert.Equal(Samples.Claims with { SignedBy = result.Token.KeyId }, result.Token.Claims);
        Assert.Equal(version, result.Token.Version);
        Assert.Equal(key.VerificationKey.KeyId, result.Token.KeyId);
    }

    [Fact]
    public void Tokens_that_are_none_are_told_apart()
    {
        var verifier = Verifier();
        Assert.Equal(DenyReason.MissingToken, verifier.Verify([], Samples.Now).Reason);
        Assert.Equal(DenyReason.MalformedToken, verifier.Verify("nonsense"u8, Samples.Now).Reason);
        Assert.Equal(DenyReason.MalformedToken, verifier.Verify(new byte[PasetoToken.MaxTokenBytes + 1], Samples.Now).Reason);
        Assert.False(default(VerificationResult).IsVerified);
    }

    [Fact]
    public void A_stranger_cannot_sign_for_the_node()
    {
        using var stranger = TestKeys.Key(TokenVersion.V2, 99);
        Assert.Equal(DenyReason.BadSignature, Verifier().Verify(Samples.Token(key: stranger, namesKey: false), Samples.Now).Reason);
        Assert.Equal(DenyReason.UnknownKey, Verifier().Verify(Samples.Token(key: stranger, namesKey: true), Samples.Now).Reason);
    }

    [Fact]
    public void A_key_of_one_version_verifies_none_of_the_other()
    {
        using var v4WithTheV2Seed = TestKeys.Key(TokenVersion.V4, 2);
        var onlyV2 = new TokenVerifier(TestKeys.Provider, KeySet.Of(TestKeys.V2.VerificationKey), new RevocationSet());
        Assert.Equal(DenyReason.UnknownKey, onlyV2.Verify(Samples.Token(key: v4WithTheV2Seed), Samples.Now).Reason);
        Assert.Throws<ArgumentException>(() => KeySet.Of(TestKeys.V2.VerificationKey, v4WithTheV2Seed.VerificationKey));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("a footer")]
    [InlineData("{\"kid\":\"0011223344556677\",\"x\":1}")]
    [InlineData("{\"kid\": \"0011223344556677\"}")]
    [InlineData("{\"kid\":\"001122334455667Z\"}")]
    [InlineData("{\"kid\":\"k2.pid.gUztDB_2F1oxWaUa0RYxGYtLw_0TN-g5mw_M7HUMLh7=\"}")]
    [InlineData("{\"kid\":\"k2.pid.gUztDB_2F1oxWaUa0RYxGYtLw_0TN+g5mw_M7HUMLh7D\"}")]
    [InlineData("{\"kid\":\"k2.pid.gUztDB_2F1oxWaUa0RYxGYtLw_0TN-g5mw_M7HUMLh7D\" }")]
    public void A_signed_footer_that_is_not_ours_is_refused(string footer)
    {
        var payload = new System.Buffers.ArrayBufferWriter<byte>();
        ClaimsWriter.Write(Samples.Claims, payload);
        var token = PasetoSigner.Sign(TokenVersion.V2, TestKeys.V2.PrivateKey, payload.WrittenSpan, Encoding.UTF8.GetBytes(footer));
        Assert.Equal(DenyReason.MalformedToken, Verifier().Verify(Encoding.ASCII.GetBytes(token), Samples.Now).Reason);
    }

    [Fact]
    public void A_token_without_a_footer_is_not_tried_against_a_key_that_names_itself_in_all_its_tokens()
    {
        var named = new VerificationKey(TokenVersion.V2, TestKeys.V2.VerificationKey.PublicKey, isNamedOnly: true);
        var verifier = new TokenVerifier(TestKeys.Provider, KeySet.Of(named), new RevocationSet());
        Assert.Equal(DenyReason.UnknownKey, verifier.Verify(Samples.Token(namesKey: false), Samples.Now).Reason);
        Assert.True(verifier.Verify(Samples.Token(), Samples.Now).IsVerified);
    }

    [Theory]
    [InlineData(TokenVersion.V2, "k4.pid.")]
    [InlineData(TokenVersion.V4, "k2.pid.")]
    [InlineData(TokenVersion.V2, "k2.sid.")]
    public void A_footer_names_a_key_of_its_own_version_by_its_public_id(TokenVersion version, string prefix)
    {
        var payload = new System.Buffers.ArrayBufferWriter<byte>();
        ClaimsWriter.Write(Samples.Claims, payload);
        var key = TestKeys.Of(version);
        var footer = KeyId.ToFooter(prefix + key.VerificationKey.KeyId[7..]);
        var token = Encoding.ASCII.GetBytes(PasetoSigner.Sign(version, key.PrivateKey, payload.WrittenSpan, footer));
        Assert.False(Verifier().Verify(token, Samples.Now).IsVerified);
    }

    [Fact]
    public void A_key_id_chooses_its_key_and_no_other()
    {
        using var other = TestKeys.Key(TokenVersion.V2, 3);
        var footer = KeyId.ToFooter(other.VerificationKey.KeyId);
        var payload = new System.Buffers.ArrayBufferWriter<byte>();
        ClaimsWriter.Write(Samples.Claims, payload);
        var token = Encoding.ASCII.GetBytes(PasetoSigner.Sign(TokenVersion.V2, TestKeys.V2.PrivateKey, payload.WrittenSpan, footer));
        var verifier = new TokenVerifier(TestKeys.Provider, KeySet.Of(TestKeys.V2.VerificationKey, other.VerificationKey), new RevocationSet());
        Assert.Equal(DenyReason.BadSignature, verifier.Verify(token, Samples.Now).Reason);
    }

    [Fact]
    public void Signed_claims_that_are_no_capability_are_malformed_and_say_why_to_the_log()
    {
        var token = PasetoSigner.Sign(TokenVersion.V2, TestKeys.V2.PrivateKey, "{\"jti\":7}"u8);
        var result = Verifier().Verify(Encoding.ASCII.GetBytes(token), Samples.Now);
        Assert.Equal(DenyReason.MalformedToken, result.Reason);
        Assert.Contains("jti", result.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Expiry_is_checked_again_at_each_hit()
    {
        var verifier = Verifier();
        var token = Samples.Token();
        Assert.True(verifier.Verify(token, Samples.Now).IsVerified);
        Assert.Equal(DenyReason.Expired, verifier.Verify(token, Samples.Now.AddHours(2)).Reason);
        Assert.Equal(DenyReason.NotYetValid, verifier.Verify(token, Samples.Now.AddHours(-2)).Reason);
        Assert.True(verifier.Verify(token, Samples.Now).IsVerified);
    }

    [Fact]
    public void Revocation_is_checked_again_at_each_hit()
    {
        var revocations = new RevocationSet(maxEntries: 1);
        var verifier = new TokenVerifier(TestKeys.Provider, TestKeys.Both, revocations);
        var token = Samples.Token();
        var other = Samples.Token(Samples.Claims with { CapabilityId = Samples.CapIdOf(5) });
        Assert.True(verifier.Verify(token, Samples.Now).IsVerified);
        Assert.True(verifier.Verify(other, Samples.Now).IsVerified);
        revocations.Add(new(Samples.CapId, Samples.Claims.ExpiresAt));
        Assert.Equal(DenyReason.Revoked, verifier.Verify(token, Samples.Now).Reason);
        Assert.True(verifier.Verify(other, Samples.Now).IsVerified);
        Assert.Equal(RevokeOutcome.Full, revocations.Add(new(Samples.CapIdOf(6), Samples.Claims.ExpiresAt)));
        Assert.Equal(DenyReason.VerifierStale, verifier.Verify(other, Samples.Now).Reason);
    }

    [Fact]
    public void Retired_keys_take_their_remembered_tokens_with_them()
    {
        using var next = TestKeys.Key(TokenVersion.V2, 8);
        var verifier = Verifier();
        var token = Samples.Token();
        Assert.True(verifier.Verify(token, Samples.Now).IsVerified);
        Assert.Equal(1, verifier.CachedTokens);

        verifier.ReplaceKeys(KeySet.Of(TestKeys.V2.VerificationKey, TestKeys.V4.VerificationKey, next.VerificationKey));
        Assert.Equal(1, verifier.CachedTokens);
        Assert.True(verifier.Verify(token, Samples.Now).IsVerified);
        Assert.True(verifier.Verify(Samples.Token(key: next), Samples.Now).IsVerified);

        verifier.ReplaceKeys(KeySet.Of(next.VerificationKey));
        Assert.Equal(0, verifier.CachedTokens);
        Assert.Equal(DenyReason.UnknownKey, verifier.Verify(token, Samples.Now).Reason);
        Assert.Equal(DenyReason.BadSignature, verifier.Verify(Samples.Token(namesKey: false), Samples.Now).Reason);

        verifier.ReplaceKeys(KeySet.Empty);
        Assert.Equal(DenyReason.UnknownKey, verifier.Verify(token, Samples.Now).Reason);
    }

    [Fact]
    public void Failures_are_not_remembered()
    {
        using var stranger = TestKeys.Key(TokenVersion.V2, 99);
        var verifier = Verifier();
        verifier.Verify(Samples.Token(key: stranger), Samples.Now);
        verifier.Verify("nonsense"u8, Samples.Now);
        verifier.Verify(Samples.Token(), Samples.Now.AddDays(1));
        Assert.Equal(0, verifier.CachedTokens);
    }

    [Fact]
    public void A_hit_asks_the_provider_nothing()
    {
        var counting = new CountingProvider(TestKeys.Provider);
        var verifier = new TokenVerifier(counting, TestKeys.Both, new RevocationSet());
        var token = Samples.Token();
        for (var i = 0; i < 10; i++)
        {
            Assert.True(verifier.Verify(token, Samples.Now).IsVerified);
        }

        Assert.Equal(1, counting.Verifications);
    }

    [Fact]
    public void A_hit_and_its_authorization_allocate_nothing()
    {
        var verifier = Verifier();
        var token = Samples.Token();
        var request = Samples.Request;
        for (var i = 0; i < 100; i++)
        {
            _ = Authorizer.Authorize(verifier.Verify(token, Samples.Now).Token!.Claims, request);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        var allowed = 0;
        for (var i = 0; i < 1000; i++)
        {
            allowed += Authorizer.Authorize(verifier.Verify(token, Samples.Now).Token!.Claims, request).IsAllowed ? 1 : 0;
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(1000, allowed);
    }

    [Fact]
    public async Task Threads_that_share_a_verifier_see_right_answers_while_keys_change()
    {
        using var next = TestKeys.Key(TokenVersion.V2, 8);
        var verifier = new TokenVerifier(
            TestKeys.Provider, TestKeys.Both, new RevocationSet(), new TokenVerifierOptions { MaxCachedTokens = 16 });
        var good = Enumerable.Range(0, 64).Select(i => Samples.Token(Samples.Claims with { CapabilityId = Samples.CapIdOf(i) })).ToArray();
        var bad = Samples.Token(key: next);
        await Task.WhenAll(Enumerable.Range(0, 3).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < 500; i++)
            {
                var number = (i * (thread + 1)) % good.Length;
                var result = verifier.Verify(good[number], Samples.Now);
                Assert.Equal(Samples.CapIdOf(number), result.Token?.Claims.CapabilityId);
                Assert.False(verifier.Verify(bad, Samples.Now).IsVerified);
                if (i % 100 == 0)
                {
                    verifier.ReplaceKeys(TestKeys.Both);
                }
            }
        })));
        Assert.InRange(verifier.CachedTokens, 0, 16);
    }

    [Fact]
    public void Hits_and_misses_are_counted()
    {
        var verifier = Verifier();
        Assert.Equal((0, 0), (verifier.CacheHits, verifier.CacheMisses));
        _ = verifier.Verify([], Samples.Now);
        _ = verifier.Verify("nonsense"u8, Samples.Now);
        for (var i = 0; i < 3; i++)
        {
            _ = verifier.Verify(Samples.Token(), Samples.Now);
        }

        Assert.Equal((2, 2), (verifier.CacheHits, verifier.CacheMisses));
    }

    [Fact]
    public void A_dead_token_says_whose_it_was_and_a_bad_one_says_nothing()
    {
        var revocations = new RevocationSet();
        var verifier = new TokenVerifier(TestKeys.Provider, TestKeys.Both, revocations);
        var late = verifier.Verify(Samples.Token(), Samples.Now.AddDays(1));
        Assert.Equal((DenyReason.Expired, Samples.CapId, null), (late.Reason, late.Dead?.CapabilityId, late.Token));
        revocations.Add(new(Samples.CapId, Samples.Claims.ExpiresAt));
        Assert.Equal(Samples.CapId, verifier.Verify(Samples.Token(), Samples.Now).Dead?.CapabilityId);
        Assert.Null(verifier.Verify("nonsense"u8, Samples.Now).Dead);
    }

    [Fact]
    public void By_default_so_many_tokens_of_such_length_are_remembered() => Assert.Equal(
        (4096, 2048, ClockSkew.Default), (TokenVerifierOptions.Default.MaxCachedTokens, TokenVerifierOptions.Default.MaxCachedTokenBytes, TokenVerifierOptions.Default.ClockSkew));

    private static TokenVerifier Verifier() => new(TestKeys.Provider, TestKeys.Both, new RevocationSet());
}
