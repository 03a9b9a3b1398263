using System.IO.Enumeration;

namespace Strata.Fs;

/// <summary>
/// A pattern of <c>fs.find</c>: <c>*</c> any text without a slash, <c>?</c> one character, <c>**</c> as a whole part any number of folders. All else
/// stands for itself. Matching takes time proportional to pattern and path, whatever they are. Pure.
/// </summary>
internal sealed class GlobPattern
{
    private const string AnyFolders = "**";
    private readonly string[] _parts;

    internal GlobPattern(string pattern) =>
        // Without a slash it is about the name, wherever that is.
        _parts = pattern.Contains('/', StringComparison.Ordinal) ? pattern.Trim('/').Split('/') : [AnyFolders, pattern];

    /// <summary>Whether a path beneath the directory looked in fits.</summary>
    internal bool Matches(string path)
    {
        // Which beginnings of the pattern fit what was read of the path; each part of the path moves them on.
        var fits = new bool[_parts.Length + 1];
        fits[0] = true;
        Skip(fits);
        foreach (var part in path.AsSpan().Split('/'))
        {
            var name = path.AsSpan()[part];
            for (var i = _parts.Length; i > 0; i--)
            {
                fits[i] = _parts[i - 1] == AnyFolders ? fits[i] || fits[i - 1] : fits[i - 1] && MatchesPart(_parts[i - 1], name);
            }

            fits[0] = false;
            Skip(fits);
        }

        return fits[^1];
    }

    // A ** may stand for no folder at all.
    private void Skip(bool[] fits)
    {
        for (var i = 0; i < _parts.Length; i++)
        {
            fits[i + 1] |= fits[i] && _parts[i] == AnyFolders;
        }
    }

    private static bool MatchesPart(string pattern, ReadOnlySpan<char> name) =>
        FileSystemName.MatchesSimpleExpression(pattern.Replace("\\", "\\\\", StringComparison.Ordinal), name, ignoreCase: false);
}
