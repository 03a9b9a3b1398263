using System.Diagnostics.CodeAnalysis;

namespace Strata.Policy;

/// <summary>
/// The folder a capability is confined to: absolute and normalised, such as <c>/srv/data</c> or <c>/</c>, or beneath a root that the
/// node's configuration names, such as <c>home:/reports</c>. What lies beneath is decided on whole segments: <c>/srv/database</c> is
/// not beneath <c>/srv/data</c>, and a folder of a named root is not beneath one of the host, wherever the root may lie.
/// </summary>
public sealed record PathPrefix
{
    private const string Slash = "/";

    private readonly int _rootChars;

    private PathPrefix(string value, int rootChars) => (Value, _rootChars) = (value, rootChars);

    /// <summary>The prefix: the named root and a colon, if any, then a leading slash and, except for <c>/</c> itself, none at the end.</summary>
    public string Value { get; }

    /// <summary>The root that the node's configuration names; null for a path of the host.</summary>
    public string? RootName => _rootChars == 0 ? null : Value[..(_rootChars - 1)];

    /// <summary>The path within the root, or of the host; begins with a slash.</summary>
    public string Path => Value[_rootChars..];

    /// <summary>
    /// Reads a prefix. One slash at the end is dropped, and <c>home:</c> is <c>home:/</c>; empty, <c>.</c> and <c>..</c> segments and
    /// control characters are refused.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="prefix">The prefix, when the answer is true.</param>
    /// <param name="fault">What is wrong, when the answer is false.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out PathPrefix? prefix, [NotNullWhen(false)] out string? fault)
    {
        text ??= string.Empty;
        var rootChars = NamedRoot.CharsOf(text);
        var path = rootChars is not 0 && rootChars == text.Length ? Slash : text[rootChars..];
        fault = FaultOf(path) ?? PathText.SizeFaultOf(text);
        prefix = fault is null ? new PathPrefix(text[..rootChars] + (path == Slash ? path : path.TrimEnd('/')), rootChars) : null;
        return prefix is not null;
    }

    /// <summary>Whether an absolute, normalised path, of the same named root if this has one, is this folder or lies beneath it.</summary>
    public bool Contains(string absolutePath)
    {
        if (Value.Length == _rootChars + 1)
        {
            return absolutePath.StartsWith(Value, StringComparison.Ordinal);
        }

        return absolutePath.StartsWith(Value, StringComparison.Ordinal)
            && (absolutePath.Length == Value.Length || absolutePath[Value.Length] == '/');
    }

    /// <summary>Whether another prefix is the same or lies beneath.</summary>
    public bool Contains(PathPrefix other) => Contains(other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value;

    private static string? FaultOf(string path)
    {
        if (!path.StartsWith('/'))
        {
            return "must be an absolute path, such as \"/srv/data\"";
        }

        if (path.AsSpan().ContainsAnyInRange('\0', '\x1f') || path.Contains('\x7f', StringComparison.Ordinal))
        {
            return "must not contain control characters";
        }

        return path != Slash && HasUnnormalisedSegment(path.EndsWith('/') ? path[1..^1] : path[1..])
            ? "must be normalised: no empty, \".\" or \"..\" parts"
            : null;
    }

    private static bool HasUnnormalisedSegment(ReadOnlySpan<char> body)
    {
        foreach (var part in body.Split('/'))
        {
            if (body[part] is "" or "." or "..")
            {
                return true;
            }
        }

        return false;
    }
}
