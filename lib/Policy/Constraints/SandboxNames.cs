using System.Buffers;
using System.Text;

namespace Strata.Policy;

/// <summary>The grammars of what <see cref="SandboxBounds"/> names, and which pattern covers which.</summary>
public static class SandboxNames
{
    /// <summary>Longest name of an image, in bytes: 256.</summary>
    public const int MaxImageBytes = 256;

    /// <summary>Longest domain, in bytes: 253.</summary>
    public const int MaxDomainBytes = 253;

    private static readonly SearchValues<char> ImageChars = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-:/@");
    private static readonly SearchValues<char> DomainChars = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>An image: letters, digits and <c>. _ - : / @</c>, beginning with a letter or digit.</summary>
    public static bool IsImage(string? name) =>
        name is { Length: > 0 and <= MaxImageBytes } && char.IsAsciiLetterOrDigit(name[0]) && !name.AsSpan().ContainsAnyExcept(ImageChars);

    /// <summary>An image, or the beginning of one followed by <c>*</c>; <c>*</c> alone is every image.</summary>
    public static bool IsImagePattern(string? pattern) =>
        pattern == "*" || IsImage(pattern) || (pattern is [.. var beginning, '*'] && IsImage(beginning));

    /// <summary>A host name in lower case, or <c>*.</c> and one for all names beneath it.</summary>
    public static bool IsDomainPattern(string? pattern)
    {
        if (pattern is null or { Length: 0 or > MaxDomainBytes })
        {
            return false;
        }

        foreach (var label in (pattern.StartsWith("*.", StringComparison.Ordinal) ? pattern[2..] : pattern).Split('.'))
        {
            if (label.Length is 0 or > 63 || label[0] == '-' || label[^1] == '-' || label.AsSpan().ContainsAnyExcept(DomainChars))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A kind of network that limits more than none: <c>none</c>, <c>proxy</c>, <c>bridge</c> or <c>host</c>.</summary>
    public static bool IsNetwork(string? name) => name is "none" or "proxy" or "bridge" or "host";

    /// <summary>The path of a program: absolute, without <c>.</c>, <c>..</c>, doubled or closing slashes and control characters.</summary>
    public static bool IsCommand(string? path) =>
        path is ['/', not '/', ..] && Encoding.UTF8.GetByteCount(path) <= ClaimLimits.MaxPathBytes && !path.AsSpan().ContainsAnyInRange('\0', '\x1f')
        && path[1..].Split('/').All(part => part is not ("" or "." or ".."));

    /// <summary>Whether a pattern covers an image, or all that another pattern covers.</summary>
    public static bool CoversImage(string pattern, string other) =>
        pattern == other || (pattern is [.. var beginning, '*'] && other.StartsWith(beginning, StringComparison.Ordinal));

    /// <summary>Whether a pattern covers a host, or all that another pattern covers.</summary>
    public static bool CoversDomain(string pattern, string other) =>
        pattern == other || (pattern is ['*', .. var ending] && other.EndsWith(ending, StringComparison.Ordinal) && other.Length > ending.Length);
}
