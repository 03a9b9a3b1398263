namespace Strata.Policy;

/// <summary>
/// The constraints that only the service itself can enforce, as a set. A service says which it does; a capability with another
/// one is denied there, because what is not enforced must not look granted.
/// </summary>
[Flags]
public enum ServiceConstraints
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary><c>max_bytes</c>.</summary>
    MaxBytes = 1 << 0,

    /// <summary><c>quota_bytes</c>.</summary>
    QuotaBytes = 1 << 1,

    /// <summary><c>read_only</c>.</summary>
    ReadOnly = 1 << 2,

    /// <summary><c>sandbox</c>.</summary>
    Sandbox = 1 << 3,

    /// <summary>What a service of files enforces.</summary>
    Files = MaxBytes | QuotaBytes | ReadOnly,

    /// <summary>All of them.</summary>
    All = Files | Sandbox,
}
