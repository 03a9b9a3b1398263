using System.Globalization;
using System.Text;

namespace Strata.Registry;

/// <summary>The form of endpoints and service names. Pure.</summary>
internal static class EndpointText
{
    internal const string Scheme = "unix://";

    /// <summary>The longest path a Unix socket address holds, in bytes.</summary>
    internal const int MaxPathBytes = 107;

    /// <summary>Longest service name, in characters.</summary>
    internal const int MaxNameChars = 64;

    /// <summary>Null when the endpoint is well-formed, otherwise what is wrong with it.</summary>
    internal static string? FaultOfEndpoint(string endpoint)
    {
        if (!endpoint.StartsWith(Scheme + "/", StringComparison.Ordinal))
        {
            return "must be unix:///absolute/path";
        }

        var path = endpoint[Scheme.Length..];
        if (Encoding.UTF8.GetByteCount(path) > MaxPathBytes)
        {
            return $"has a path of more than {MaxPathBytes} bytes, which no Unix socket can have";
        }

        if (path.Any(IsInvisible))
        {
            return "must not contain control or invisible formatting characters";
        }

        var segments = path.Split('/');
        return segments.Skip(1).Any(s => s is "" or "." or "..") ? "must be a normalised path: no empty, . or .. segments" : null;
    }

    // They would let an entry look like another one in a list.
    private static bool IsInvisible(char c) => char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    /// <summary>Null when the name is well-formed, otherwise what is wrong with it.</summary>
    internal static string? FaultOfName(string name)
    {
        var good = name.Length is > 0 and <= MaxNameChars
            && char.IsAsciiLetterLower(name[0])
            && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.');
        return good ? null : $"must have 1 to {MaxNameChars} characters of a-z, 0-9, - and ., the first a letter";
    }
}
