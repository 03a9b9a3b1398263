namespace Strata.Policy;

/// <summary>What adding a revocation did.</summary>
public enum RevokeOutcome
{
    /// <summary>The capability is revoked from now on.</summary>
    Added,

    /// <summary>It was revoked already.</summary>
    AlreadyRevoked,

    /// <summary>
    /// The set is full. It now answers <see cref="RevocationStatus.Unknown"/> for every capability it does not hold, until it is
    /// replaced by a snapshot that fits: a revocation that was lost must not let anybody in.
    /// </summary>
    Full,
}
