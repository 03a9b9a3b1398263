using System.Buffers.Text;
using System.Globalization;
using Strata.Linux;

namespace Strata.Hosting;

/// <summary>
/// Cursors of lists of files: the file system's own position, in decimal. A made-up one can at most list the same directory from
/// elsewhere, so it is neither signed nor kept.
/// </summary>
internal static class ListCursor
{
    private const string NameMark = "n";

    internal static string Of(long cookie) => cookie.ToString(CultureInfo.InvariantCulture);

    /// <summary>The cursor of a sorted list: the last name told.</summary>
    internal static string OfName(ReadOnlySpan<byte> name) => NameMark + Base64Url.EncodeToString(name);

    /// <summary>Reads the cursor of a sorted list; none begins before every name.</summary>
    internal static bool TryParseName(string? cursor, out byte[] after)
    {
        after = [];
        if (cursor is null)
        {
            return true;
        }

        if (cursor.Length < 2 || cursor[0] != NameMark[0] || !Base64Url.IsValid(cursor.AsSpan(1)))
        {
            return false;
        }

        after = Base64Url.DecodeFromChars(cursor.AsSpan(1));
        return after.Length is > 0 and <= FileStatus.MaxNameBytes;
    }

    /// <summary>Reads a cursor in its one spelling.</summary>
    internal static bool TryParse(string? cursor, out long cookie)
    {
        cookie = 0;
        return cursor is null
            || (long.TryParse(cursor, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out cookie) && cookie != 0 && Of(cookie) == cursor);
    }
}
