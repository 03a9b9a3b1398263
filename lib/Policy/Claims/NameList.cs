using System.Collections;

namespace Strata.Policy;

/// <summary>An immutable list of distinct names, in the order given, compared by value and ordinally.</summary>
public sealed class NameList : IReadOnlyList<string>, IEquatable<NameList>
{
    private readonly string[] names;

    private NameList(string[] names) => this.names = names;

    /// <summary>The list without names.</summary>
    public static NameList Empty { get; } = new([]);

    /// <inheritdoc/>
    public int Count => names.Length;

    /// <inheritdoc/>
    public string this[int index] => names[index];

    /// <summary>Makes a list; a name given twice is kept once, where it came first.</summary>
    public static NameList Of(params IEnumerable<string> names)
    {
        var distinct = names.Distinct(StringComparer.Ordinal).ToArray();
        return distinct.Length == 0 ? Empty : new NameList(distinct);
    }

    /// <summary>Whether the name is in the list. Linear: lists are bounded to a few dozen short names.</summary>
    public bool Contains(string name)
    {
        foreach (var candidate in names)
        {
            if (string.Equals(candidate, name, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public bool Equals(NameList? other) => other is not null && names.AsSpan().SequenceEqual(other.names);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as NameList);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var name in names)
        {
            hash.Add(name, StringComparer.Ordinal);
        }

        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public IEnumerator<string> GetEnumerator() => ((IEnumerable<string>)names).GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => names.GetEnumerator();

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", names);
}
