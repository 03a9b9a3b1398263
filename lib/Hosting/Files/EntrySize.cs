using System.Text.Encodings.Web;

namespace Strata.Hosting;

/// <summary>How many bytes of a frame an entry takes at most. Pure.</summary>
internal static class EntrySize
{
    /// <summary>What one page may take: a frame of 1 MiB less the envelope and the cursor.</summary>
    internal const int PageBytes = (1024 * 1024) - 2048;

    /// <summary>Names and values of an entry's members with the longest numbers, without its name's bytes.</summary>
    private const int MembersBytes = 128;

    /// <summary>JSON makes at most six characters of a byte.</summary>
    private const int MaxEscape = 6;

    /// <summary>The same of mode and time.</summary>
    private const int StatBytes = 80;

    internal static int BoundOf(ReadOnlySpan<byte> name, bool isText, bool stat)
    {
        var plain = isText && JavaScriptEncoder.UnsafeRelaxedJsonEscaping.FindFirstCharacterToEncodeUtf8(name) < 0;
        var text = plain ? name.Length : name.Length * MaxEscape;
        return MembersBytes + (stat ? StatBytes : 0) + text + (isText ? 0 : ((name.Length + 2) / 3) * 4);
    }
}
