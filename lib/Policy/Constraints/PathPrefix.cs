using System.Diagnostics.CodeAnalysis;

namespace Strata.Policy;

/// <summary>
/// The folder a capability is confined to: absolute and normalised, such as <c>/srv/data</c> or <c>/</c>. What lies beneath is
/// decided on whole segments: <c>/srv/database</c> is not beneath <c>/srv/data</c>.
/// </summary>
public sealed record PathPrefix
{
    private PathPrefix(string value) => Value = value;

    /// <summary>The prefix, with a leading slash and, except for <c>/</c> itself, none at the end.</summary>
    public string Value { get; }

    /// <summary>Reads a prefix. One slash at the end is dropped; empty, <c>.</c> and <c>..</c> segments and control characters are refused.</summary>
    /// <param name="text">The text.</param>
    /// <param name="prefix">The prefix, when the answer is true.</param>
    /// <param name="fault">What is wrong, when the answer is false.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out PathPrefix? prefix, [NotNullWhen(false)] out string? fault)
    {
        prefix = null;
        fault = FaultOf(text);
        if (fault is not null)
        {
            return false;
        }

        prefix = new PathPrefix(text!.Length > 1 && text[^1] == '/' ? text[..^1] : text);
        return true;
    }

    /// <summary>Whether an absolute, normalised path is this folder or lies beneath it.</summary>
    public bool Contains(string absolutePath)
    {
        if (Value.Length == 1)
        {
            return absolutePath.Length > 0 && absolutePath[0] == '/';
        }

        return absolutePath.StartsWith(Value, StringComparison.Ordinal)
            && (absolutePath.Length == Value.Length || absolutePath[Value.Length] == '/');
    }

    /// <summary>Whether another prefix is the same or lies beneath.</summary>
    public bool Contains(PathPrefix other) => Contains(other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value;

    private static string? FaultOf(string? text)
    {
        if (text is null || !text.StartsWith('/'))
        {
            return "must be an absolute path, such as \"/srv/data\"";
        }

        if (text.AsSpan().ContainsAnyInRange('\0', '\x1f') || text.Contains('\x7f', StringComparison.Ordinal))
        {
            return "must not contain control characters";
        }

        var body = text.Length > 1 && text[^1] == '/' ? text[1..^1] : text[1..];
        if (text.Length > 1 && HasUnnormalisedSegment(body))
        {
            return "must be normalised: no empty, \".\" or \"..\" parts";
        }

        return PathText.SizeFaultOf(text);
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
