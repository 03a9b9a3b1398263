namespace Strata.Policy;

/// <summary>
/// From a token's bytes to its claims. Safe to use from many threads. A token seen before costs no signature check and no
/// allocation; its lifetime and revocation are checked every time. Failures are never remembered.
/// </summary>
public sealed class TokenVerifier
{
    private readonly IEd25519 provider;
    private readonly RevocationSet revocations;
    private readonly TokenVerifierOptions options;
    private volatile Generation generation;
    private long cacheHits;
    private long cacheMisses;

    /// <summary>Makes a verifier.</summary>
    /// <param name="provider">The signature provider.</param>
    /// <param name="keys">The keys to trust at first.</param>
    /// <param name="revocations">The revocations to heed; the caller keeps it current.</param>
    /// <param name="options">Null means <see cref="TokenVerifierOptions.Default"/>.</param>
    public TokenVerifier(IEd25519 provider, KeySet keys, RevocationSet revocations, TokenVerifierOptions? options = null)
    {
        this.provider = provider;
        this.revocations = revocations;
        this.options = options ?? TokenVerifierOptions.Default;
        generation = Begin(keys);
    }

    /// <summary>The revocations heeded.</summary>
    public RevocationSet Revocations => revocations;

    /// <summary>The keys in force.</summary>
    public KeySet Keys => generation.Keys;

    /// <summary>How many tokens are remembered; for metrics, counted on demand.</summary>
    public int CachedTokens => generation.Cache.Count;

    /// <summary>Tokens that were found remembered, since the start.</summary>
    public long CacheHits => Volatile.Read(ref cacheHits);

    /// <summary>Tokens that were not.</summary>
    public long CacheMisses => Volatile.Read(ref cacheMisses);

    /// <summary>
    /// Puts other keys in force, at once and for all threads. When a key is gone every remembered token is forgotten; keys that are only
    /// added leave them. A verification already under way may still answer by the old keys, but is not remembered when one of them is gone.
    /// </summary>
    public void ReplaceKeys(KeySet keys) => generation = keys.Includes(generation.Keys) ? generation with { Keys = keys } : Begin(keys);

    /// <summary>Verifies a token: shape, key, signature, claims, lifetime, revocation, in this order.</summary>
    /// <param name="token">The token as it came, UTF-8; empty counts as missing.</param>
    /// <param name="now">The time, UTC.</param>
    public VerificationResult Verify(ReadOnlySpan<byte> token, DateTimeOffset now)
    {
        if (token.IsEmpty)
        {
            return VerificationResult.Bad(DenyReason.MissingToken);
        }

        var current = generation;
        var known = current.Cache.Find(token);
        if (known is not null)
        {
            Interlocked.Increment(ref cacheHits);
            return CheckAlive(known, now);
        }

        Interlocked.Increment(ref cacheMisses);
        var result = VerifySignature(token, current.Keys);
        if (result.IsVerified)
        {
            var alive = CheckAlive(result.Token, now);
            if (alive.IsVerified)
            {
                current.Cache.Add(token, result.Token);
            }

            return alive;
        }

        return result;
    }

    private VerificationResult CheckAlive(VerifiedToken token, DateTimeOffset now)
    {
        var lifetime = ClockSkew.CheckLifetime(token.Claims, now, options.ClockSkew);
        if (lifetime != DenyReason.None)
        {
            return VerificationResult.NotNow(lifetime, token.Claims);
        }

        return revocations.Check(token.Claims) switch
        {
            RevocationStatus.Active => VerificationResult.Good(token),
            RevocationStatus.Revoked => VerificationResult.NotNow(DenyReason.Revoked, token.Claims),
            _ => VerificationResult.NotNow(DenyReason.VerifierStale, token.Claims),
        };
    }

    private VerificationResult VerifySignature(ReadOnlySpan<byte> token, KeySet keys)
    {
        if (!PasetoToken.TryParse(token, out var parsed))
        {
            return VerificationResult.Bad(DenyReason.MalformedToken);
        }

        if (!parsed.Footer.IsEmpty)
        {
            return VerifyWithNamedKey(parsed, keys);
        }

        var reason = DenyReason.UnknownKey;
        foreach (var key in keys.OfVersion(parsed.Version))
        {
            if (key.IsNamedOnly)
            {
                continue;
            }

            reason = DenyReason.BadSignature;
            if (parsed.TryVerify(provider, key.PublicKey, default, out var payload))
            {
                return ReadClaims(payload.Span, key);
            }
        }

        return VerificationResult.Bad(reason);
    }

    private VerificationResult VerifyWithNamedKey(PasetoToken parsed, KeySet keys)
    {
        if (!KeyId.TryReadFooter(parsed.Footer.Span, out var keyId))
        {
            return VerificationResult.Bad(DenyReason.MalformedToken);
        }

        if (keys.Find(parsed.Version, keyId) is not { } key)
        {
            return VerificationResult.Bad(DenyReason.UnknownKey);
        }

        return parsed.TryVerify(provider, key.PublicKey, default, out var payload)
            ? ReadClaims(payload.Span, key)
            : VerificationResult.Bad(DenyReason.BadSignature);
    }

    private VerificationResult ReadClaims(ReadOnlySpan<byte> payload, VerificationKey key) =>
        ClaimsReader.TryRead(payload, options.Claims, out var claims, out var fault)
            ? VerificationResult.Good(new VerifiedToken(claims with { SignedBy = key.KeyId }, key.Version, key.KeyId))
            : VerificationResult.Bad(DenyReason.MalformedToken, fault);

    private Generation Begin(KeySet keys) => new(keys, new VerifiedTokenCache(options.MaxCachedTokens, options.MaxCachedTokenBytes));

    /// <summary>Keys and what was verified by them, replaced together, so that nothing outlives the key that verified it.</summary>
    private sealed record Generation(KeySet Keys, VerifiedTokenCache Cache);
}
