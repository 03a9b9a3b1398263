namespace Strata.Policy;

/// <summary>What a verifier found about a token, before anything it says is looked at.</summary>
/// <param name="Claims">What the token says, when its signature is good; else null.</param>
/// <param name="Failed">The check that failed, from <see cref="AuthorizationCheck.Token"/> to <see cref="AuthorizationCheck.Claims"/>; meaningful with a reason.</param>
/// <param name="Reason">Why; <see cref="DenyReason.None"/> with claims.</param>
public readonly record struct TokenEvidence(CapabilityClaims? Claims, AuthorizationCheck Failed, DenyReason Reason)
{
    /// <summary>A token whose signature is good; whether it is alive is for the checks of its claims to say.</summary>
    public static TokenEvidence Good(CapabilityClaims claims) => new(claims, default, DenyReason.None);

    /// <summary>No token was sent.</summary>
    public static TokenEvidence Missing { get; } = new(null, AuthorizationCheck.Token, DenyReason.MissingToken);

    /// <summary>The service does not know enough to verify anything.</summary>
    public static TokenEvidence Stale { get; } = new(null, AuthorizationCheck.Verifier, DenyReason.VerifierStale);

    /// <summary>From the outcome of a verification.</summary>
    public static TokenEvidence Of(VerificationResult result) => (result.Token?.Claims ?? result.Dead) is { } claims
        ? Good(claims)
        : new TokenEvidence(null, CheckOf(result), result.Reason);

    private static AuthorizationCheck CheckOf(VerificationResult result) => result.Reason switch
    {
        DenyReason.MissingToken => AuthorizationCheck.Token,
        DenyReason.UnknownKey => AuthorizationCheck.Key,
        DenyReason.BadSignature => AuthorizationCheck.Signature,
        _ => result.Fault is null ? AuthorizationCheck.Format : AuthorizationCheck.Claims,
    };
}
