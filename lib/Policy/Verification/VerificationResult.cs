using System.Diagnostics.CodeAnalysis;

namespace Strata.Policy;

/// <summary>The outcome of a verification: a token or the reason why not. The default value is not verified.</summary>
public readonly record struct VerificationResult
{
    private VerificationResult(VerifiedToken? token, DenyReason reason, string? fault, CapabilityClaims? dead = null)
    {
        Token = token;
        Dead = dead;
        Reason = reason;
        Fault = fault;
    }

    /// <summary>The token, when it is good.</summary>
    public VerifiedToken? Token { get; }

    /// <summary>Why not; <see cref="DenyReason.None"/> when verified.</summary>
    public DenyReason Reason { get; }

    /// <summary>For <see cref="DenyReason.MalformedToken"/> with a valid signature: which claim is wrong, for the log.</summary>
    public string? Fault { get; }

    /// <summary>What a token says whose signature is good and which is not valid now: expired, not yet valid, revoked. For the audit; it allows nothing.</summary>
    public CapabilityClaims? Dead { get; }

    /// <summary>Whether the token is good.</summary>
    [MemberNotNullWhen(true, nameof(Token))]
    public bool IsVerified => Token is not null;

    internal static VerificationResult Good(VerifiedToken token) => new(token, DenyReason.None, null);

    internal static VerificationResult NotNow(DenyReason reason, CapabilityClaims claims) => new(null, reason, null, claims);

    internal static VerificationResult Bad(DenyReason reason, string? fault = null) => new(null, reason, fault);
}
