namespace Strata.Policy;

/// <summary>What a verifier knows about a capability's revocation. The default value is the one that denies.</summary>
public enum RevocationStatus
{
    /// <summary>Not known: the verifier is stale, or its list could not take every revocation. Denies as <see cref="DenyReason.VerifierStale"/>.</summary>
    Unknown = 0,

    /// <summary>Known not to be revoked.</summary>
    Active,

    /// <summary>Revoked.</summary>
    Revoked,
}
