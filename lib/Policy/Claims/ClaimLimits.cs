namespace Strata.Policy;

/// <summary>The named maxima of a capability. A token beyond any of them is refused, at issue and at verification alike.</summary>
public static class ClaimLimits
{
    /// <summary>Most rights in a capability: 64.</summary>
    public const int MaxRights = 64;

    /// <summary>Most legacy actions in a capability: 32.</summary>
    public const int MaxActions = 32;

    /// <summary>Longest name (service, right, action, subject, issuer, audience), in bytes: 128.</summary>
    public const int MaxNameBytes = 128;

    /// <summary>Shortest capability id, in hex digits: 16.</summary>
    public const int MinCapabilityIdDigits = 16;

    /// <summary>Longest capability id, in hex digits: 64.</summary>
    public const int MaxCapabilityIdDigits = 64;

    /// <summary>Longest path prefix, and longest path in a request, in UTF-8 bytes: 4096.</summary>
    public const int MaxPathBytes = 4096;

    /// <summary>Longest part of a path between two slashes, in UTF-8 bytes: 255, the limit of Linux file systems.</summary>
    public const int MaxPathSegmentBytes = 255;

    /// <summary>Most parts of a path: 128.</summary>
    public const int MaxPathDepth = 128;

    /// <summary>Most constraints in a capability, unknown ones included: 16.</summary>
    public const int MaxConstraints = 16;

    /// <summary>Most capabilities that one may be derived from, one after the other: 8.</summary>
    public const int MaxChain = 8;

    /// <summary>Most methods denied by name in a capability: 64.</summary>
    public const int MaxMethodsDenied = 64;

    /// <summary>Largest count of bytes in a constraint: 2^53 - 1, which every JSON parser reads exactly.</summary>
    public const long MaxByteCount = (1L << 53) - 1;

    /// <summary>Largest uid in a constraint: 4 294 967 294; the one above means "no user" to the kernel.</summary>
    public const uint MaxUid = uint.MaxValue - 1;

    /// <summary>Most images, networks, domains and commands each that bound sandboxes: 32.</summary>
    public const int MaxSandboxNames = 32;

    /// <summary>Largest number of processes, sessions and thousandths of a processor that bounds sandboxes: 1 000 000 000.</summary>
    public const int MaxSandboxNumber = 1_000_000_000;

    /// <summary>Deepest nesting of the claims' JSON: 8.</summary>
    public const int MaxJsonDepth = 8;
}
