namespace Strata.Policy;

/// <summary>
/// Decides, by the text alone, where a requested path leads. It is the first of two locks: links and races are the file
/// service's, which opens the result beneath the prefix and nowhere else.
/// </summary>
public static class PathScope
{
    private const string PrefixItself = ".";

    /// <summary>Resolves a requested path.</summary>
    /// <param name="prefix">The capability's prefix; null denies every path (<see cref="DenyReason.NoPathPrefix"/>).</param>
    /// <param name="requestPath">
    /// Relative to the prefix, or absolute when it lies beneath the prefix; for a prefix in a named root that is <c>home:/…</c>, and
    /// a relative path whose first folder is called so is written <c>./home:/…</c>. Empty parts and <c>.</c> are dropped; any <c>..</c> is
    /// refused, even one that would stay inside (<see cref="DenyReason.PathOutsidePrefix"/>); an empty path, a NUL, broken
    /// Unicode and anything over <see cref="ClaimLimits"/> is <see cref="DenyReason.InvalidPath"/>.
    /// </param>
    public static PathResolution Resolve(PathPrefix? prefix, string? requestPath)
    {
        if (prefix is null)
        {
            return PathResolution.Denied(DenyReason.NoPathPrefix);
        }

        if (string.IsNullOrEmpty(requestPath) || requestPath.Contains('\0', StringComparison.Ordinal) || PathText.SizeFaultOf(requestPath) is not null)
        {
            return PathResolution.Denied(DenyReason.InvalidPath);
        }

        var root = prefix.RootName is { } name && requestPath.StartsWith(name + ":/", StringComparison.Ordinal) ? name + ":" : "";
        if (!TryNormalise(requestPath[root.Length..], out var normalised))
        {
            return PathResolution.Denied(DenyReason.PathOutsidePrefix);
        }

        return requestPath[root.Length] == '/' ? Absolute(prefix, $"{root}/{normalised}") : Relative(normalised);
    }

    private static PathResolution Absolute(PathPrefix prefix, string path)
    {
        if (!prefix.Contains(path))
        {
            return PathResolution.Denied(DenyReason.PathOutsidePrefix);
        }

        return Relative(path[prefix.Value.Length..].TrimStart('/'));
    }

    private static PathResolution Relative(string path) => PathResolution.Beneath(path.Length == 0 ? PrefixItself : path);

    /// <summary>Drops empty and <c>.</c> parts; says no to <c>..</c>.</summary>
    private static bool TryNormalise(string path, out string normalised)
    {
        normalised = path;
        Span<char> buffer = stackalloc char[path.Length];
        var length = 0;
        foreach (var part in path.AsSpan().Split('/'))
        {
            var segment = path.AsSpan()[part];
            if (segment is "..")
            {
                return false;
            }

            if (segment is "" or ".")
            {
                continue;
            }

            if (length > 0)
            {
                buffer[length++] = '/';
            }

            segment.CopyTo(buffer[length..]);
            length += segment.Length;
        }

        normalised = length == path.Length ? path : new string(buffer[..length]);
        return true;
    }
}
