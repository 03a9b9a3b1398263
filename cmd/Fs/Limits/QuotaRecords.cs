using System.Globalization;
using System.Text;
using Strata.Linux;

namespace Strata.Fs;

/// <summary>
/// The text of the quota ledger: a header line naming the format's version, then one line a change, <c>CAP_ID BYTES ENDS CRC</c>: bytes taken, or given
/// back if negative, and the Unix second at which no token of the capability can be good any more. Pure.
/// </summary>
internal static class QuotaRecords
{
    private const int CrcDigits = 8;

    internal static ReadOnlySpan<byte> Header => "strata-quotas 1\n"u8;

    internal static void Write(StringBuilder text, string capabilityId, long bytes, long ends)
    {
        var record = string.Create(CultureInfo.InvariantCulture, $"{capabilityId} {bytes} {ends}");
        text.Append(record).Append(CultureInfo.InvariantCulture, $" {Crc(record):x8}\n");
    }

    /// <summary>Reads lines that follow the header.</summary>
    /// <param name="lines">The bytes.</param>
    /// <param name="take">Told of each record.</param>
    /// <returns>How many bytes were whole records, what follows being the unfinished end that a crash leaves; null when something else is damaged.</returns>
    internal static int? Read(ReadOnlySpan<byte> lines, Action<string, long, long> take)
    {
        var rest = lines;
        while (rest.IndexOf((byte)'\n') is >= 0 and var end)
        {
            if (!TryTake(Encoding.Latin1.GetString(rest[..end]), take))
            {
                return null;
            }

            rest = rest[(end + 1)..];
        }

        return lines.Length - rest.Length;
    }

    private static bool TryTake(string line, Action<string, long, long> take)
    {
        var body = line.Length > CrcDigits ? line[..^(CrcDigits + 1)] : "";
        if (line != string.Create(CultureInfo.InvariantCulture, $"{body} {Crc(body):x8}")
            || body.Split(' ') is not [var id, var bytesText, var endsText]
            || !long.TryParse(bytesText, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var bytes)
            || !long.TryParse(endsText, NumberStyles.None, CultureInfo.InvariantCulture, out var ends))
        {
            return false;
        }

        take(id, bytes, ends);
        return true;
    }

    private static uint Crc(string text) => Crc32C.Of(Encoding.ASCII.GetBytes(text));
}
