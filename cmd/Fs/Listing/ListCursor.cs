using System.Globalization;

namespace Strata.Fs;

/// <summary>
/// Cursors of <c>fs.list</c>: the file system's own position, in decimal. A made-up one can at most list the same directory from
/// elsewhere, so it is neither signed nor kept.
/// </summary>
internal static class ListCursor
{
    internal static string Of(long cookie) => cookie.ToString(CultureInfo.InvariantCulture);

    /// <summary>Reads a cursor in its one spelling.</summary>
    internal static bool TryParse(string? cursor, out long cookie)
    {
        cookie = 0;
        return cursor is null
            || (long.TryParse(cursor, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out cookie) && cookie != 0 && Of(cookie) == cursor);
    }
}
