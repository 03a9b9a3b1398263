using System.Collections.Immutable;

namespace Strata.Supervision;

/// <summary>What a service may ask of one other: rights, narrowed by constraints. The supervisor hands it exactly that, as a capability.</summary>
public sealed record HeldCapability
{
    /// <summary>The service whose methods ask for the rights.</summary>
    public required string Service { get; init; }

    /// <summary>The rights, such as <c>fs.read</c>; at least one.</summary>
    public required ImmutableArray<string> Rights { get; init; }

    /// <summary>The folder beneath which paths must lie; null (default) allows no path.</summary>
    public string? PathPrefix { get; init; }

    /// <summary>The most calls a second, such as <c>50rps</c>; null (default) for no limit.</summary>
    public string? RateLimit { get; init; }

    /// <summary>Whether both allow the same; an array by itself compares by identity.</summary>
    public bool Equals(HeldCapability? other) => other is not null && Service == other.Service && PathPrefix == other.PathPrefix && RateLimit == other.RateLimit
        && (Rights.IsDefault ? other.Rights.IsDefault : !other.Rights.IsDefault && Rights.SequenceEqual(other.Rights, StringComparer.Ordinal));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Service, PathPrefix, RateLimit, Rights.IsDefault ? 0 : Rights.Length);
}
