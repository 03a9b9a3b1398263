namespace Strata.Policy;

/// <summary>A folder of the host that the node's configuration gives a name, so that capabilities need not know where it lies.</summary>
/// <param name="Name">A lower-case letter, then lower-case letters, digits, <c>_</c> and <c>-</c>; at most <see cref="MaxNameChars"/>.</param>
/// <param name="Path">The folder: absolute and normalised.</param>
/// <param name="IsWritable">Whether anything beneath it may be changed.</param>
public sealed record NamedRoot(string Name, PathPrefix Path, bool IsWritable)
{
    /// <summary>The longest name.</summary>
    public const int MaxNameChars = 32;

    /// <summary>Whether a text is a root's name.</summary>
    public static bool IsName(string? text) => text is { Length: <= MaxNameChars } && CapabilityNames.IsService(text);

    /// <summary>How many characters of a prefix name a root, the colon included; 0 when none does.</summary>
    internal static int CharsOf(string prefix) => IsName(prefix.Split(':')[0]) ? prefix.IndexOf(':', StringComparison.Ordinal) + 1 : 0;
}
