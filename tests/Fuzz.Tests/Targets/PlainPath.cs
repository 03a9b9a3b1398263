using System.Text;
using Strata.Policy;

namespace Strata.Fuzz.Tests;

/// <summary>Prefixes and paths by the rules of <c>docs/capabilities.md</c>, part by part, with no thought of speed.</summary>
internal static class PlainPath
{
    /// <summary>The root's name, or nothing, and the parts of a prefix; null when it is none.</summary>
    internal static (string Root, string[] Parts)? PrefixOf(string text)
    {
        var root = text.Contains(':', StringComparison.Ordinal) && NamedRoot.IsName(text[..text.IndexOf(':', StringComparison.Ordinal)]) ? text[..text.IndexOf(':', StringComparison.Ordinal)] : "";
        var path = root.Length > 0 ? text[(root.Length + 1)..] : text;
        path = root.Length > 0 && path.Length == 0 ? "/" : path;
        if (!path.StartsWith('/') || path.Any(c => c is < ' ' or '\x7f') || !IsOfSize(root.Length > 0 ? $"{root}:{path}" : path))
        {
            return null;
        }

        string[] parts = path == "/" ? [] : (path.EndsWith('/') ? path[1..^1] : path[1..]).Split('/');
        return parts.Any(part => part is "" or "." or "..") ? null : (root, parts);
    }

    /// <summary>Where a path leads beneath a prefix; null for nowhere.</summary>
    internal static string? Resolve(string prefixText, string path)
    {
        var (root, prefix) = PrefixOf(prefixText)!.Value;
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal) || !IsOfSize(path))
        {
            return null;
        }

        var inRoot = root.Length > 0 && path.StartsWith(root + ":/", StringComparison.Ordinal);
        var parts = (inRoot ? path[(root.Length + 1)..] : path).Split('/').Where(part => part is not ("" or ".")).ToArray();
        if (parts.Contains(".."))
        {
            return null;
        }

        if (path.StartsWith('/') || inRoot)
        {
            // A path of the host never lies beneath a named root.
            if ((root.Length > 0 && !inRoot) || parts.Length < prefix.Length || !parts.Take(prefix.Length).SequenceEqual(prefix))
            {
                return null;
            }

            parts = parts[prefix.Length..];
        }

        return parts.Length == 0 ? "." : string.Join('/', parts);
    }

    private static bool IsOfSize(string text)
    {
        try
        {
            var strict = new UTF8Encoding(false, throwOnInvalidBytes: true);
            var parts = text.Split('/');
            return strict.GetByteCount(text) <= ClaimLimits.MaxPathBytes && parts.All(part => strict.GetByteCount(part) <= ClaimLimits.MaxPathSegmentBytes)
                && parts.Count(part => part is not ("" or ".")) <= ClaimLimits.MaxPathDepth;
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
    }
}
