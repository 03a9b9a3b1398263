using System.Collections;

namespace Strata.Policy;

/// <summary>The capabilities that one was derived from, the root first, the parent last. Immutable and compared by value.</summary>
public sealed class CapabilityChain : IReadOnlyList<Ancestor>, IEquatable<CapabilityChain>
{
    private readonly Ancestor[] ancestors;

    private CapabilityChain(Ancestor[] ancestors) => this.ancestors = ancestors;

    /// <summary>The chain of a root.</summary>
    public static CapabilityChain Empty { get; } = new([]);

    /// <inheritdoc/>
    public int Count => ancestors.Length;

    /// <inheritdoc/>
    public Ancestor this[int index] => ancestors[index];

    /// <summary>Makes a chain.</summary>
    /// <exception cref="ArgumentException">Longer than <see cref="ClaimLimits.MaxChain"/>, or an id twice.</exception>
    public static CapabilityChain Of(params IEnumerable<Ancestor> ancestors)
    {
        Ancestor[] list = [.. ancestors];
        if (list.Length > ClaimLimits.MaxChain || list.DistinctBy(a => a.CapabilityId).Count() != list.Length)
        {
            throw new ArgumentException($"A chain has at most {ClaimLimits.MaxChain} capabilities, each once.", nameof(ancestors));
        }

        return list.Length == 0 ? Empty : new CapabilityChain(list);
    }

    /// <summary>Whether a capability is in the chain.</summary>
    public bool Contains(string capabilityId)
    {
        foreach (var ancestor in ancestors)
        {
            if (string.Equals(ancestor.CapabilityId, capabilityId, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public bool Equals(CapabilityChain? other) => other is not null && ancestors.AsSpan().SequenceEqual(other.ancestors);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as CapabilityChain);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var ancestor in ancestors)
        {
            hash.Add(ancestor);
        }

        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public IEnumerator<Ancestor> GetEnumerator() => ((IEnumerable<Ancestor>)ancestors).GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => ancestors.GetEnumerator();

    /// <inheritdoc/>
    public override string ToString() => string.Join(" > ", ancestors.Select(a => a.CapabilityId));
}
