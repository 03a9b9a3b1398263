using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Identity;

/// <summary>What was found in a revocation log.</summary>
/// <param name="Entries">The revocations by id, in the order of the file.</param>
/// <param name="Rules">The revocations by rule, in the order of the file.</param>
/// <param name="IsTorn">Whether a crash left an unfinished record at the end, which was never acknowledged.</param>
/// <param name="Fault">What is damaged; null when the log can be relied on.</param>
internal sealed record RevocationLogContent(IReadOnlyList<RevokedCapability> Entries, IReadOnlyList<RevocationRule> Rules, bool IsTorn, string? Fault);

/// <summary>
/// The text of the revocation log: a header line naming the format's version, then one line a revocation,
/// <c>CAP_ID EXPIRES CRC</c>, or one by rule (<see cref="RuleRecords"/>). Pure.
/// </summary>
/// <remarks>
/// A crash in the middle of an append leaves a line without its newline, perhaps followed by zeros. So an unfinished last
/// line is cut, and any finished line that does not check is damage: to go on without it could make a revoked capability
/// valid again. A last line that lacks only its newline is a whole record and counts.
/// </remarks>
internal static class RevocationRecords
{
    private const int CrcDigits = 8;
    private static readonly SearchValues<byte> LowerHex = SearchValues.Create("0123456789abcdef"u8);

    internal static ReadOnlySpan<byte> Header => "strata-revocations 1\n"u8;

    /// <summary>A whole file.</summary>
    internal static byte[] EncodeFile(
        IReadOnlyCollection<RevokedCapability> entries, IReadOnlyCollection<RevocationRule>? rules = null, CapabilityLogKind? kind = null) =>
        [.. (kind ?? CapabilityLogKind.Revocations).Header, .. Encode(entries, rules)];

    /// <summary>The lines of some records.</summary>
    internal static byte[] Encode(IReadOnlyCollection<RevokedCapability> entries, IReadOnlyCollection<RevocationRule>? rules = null)
    {
        var text = new StringBuilder(entries.Count * 56);
        var records = entries.Select(e => string.Create(CultureInfo.InvariantCulture, $"{e.CapabilityId} {e.ExpiresAt.ToUnixTimeSeconds()}"))
            .Concat((rules ?? []).Select(RuleRecords.Encode));
        foreach (var record in records)
        {
            text.Append(record).Append(CultureInfo.InvariantCulture, $" {Crc32C.Of(Encoding.ASCII.GetBytes(record)):x8}\n");
        }

        return Encoding.ASCII.GetBytes(text.ToString());
    }

    /// <summary>Reads a file.</summary>
    internal static RevocationLogContent Parse(ReadOnlySpan<byte> file, CapabilityLogKind? kind = null)
    {
        kind ??= CapabilityLogKind.Revocations;
        var header = kind.Header;
        if (!file.StartsWith(header))
        {
            return new([], [], false, $"does not begin with the line \"{kind.Label}\"");
        }

        var entries = new List<RevokedCapability>();
        var rules = new List<RevocationRule>();
        var rest = file[header.Length..];
        for (var line = 2; !rest.IsEmpty; line++)
        {
            var end = rest.IndexOf((byte)'\n');
            if (end < 0)
            {
                if (!TryTake(rest, entries, rules) && !IsUnfinished(rest))
                {
                    return Damaged(line, file.Length - rest.Length);
                }

                return new(entries, rules, true, null);
            }

            if (!TryTake(rest[..end], entries, rules))
            {
                return Damaged(line, file.Length - rest.Length);
            }

            rest = rest[(end + 1)..];
        }

        return new(entries, rules, false, null);
    }

    private static RevocationLogContent Damaged(int line, int offset) =>
        new([], [], false, string.Create(CultureInfo.InvariantCulture, $"is damaged in line {line}, {offset} bytes into the file"));

    /// <summary>Whether this is the beginning of a line and not a whole one that was altered.</summary>
    private static bool IsUnfinished(ReadOnlySpan<byte> line)
    {
        line = line.TrimEnd((byte)0);
        if (line.StartsWith(RuleRecords.Mark))
        {
            return RuleRecords.IsUnfinished(line, CrcDigits);
        }

        var id = line.IndexOfAnyExcept(LowerHex);
        if (id < 0)
        {
            return line.Length <= ClaimLimits.MaxCapabilityIdDigits;
        }

        var rest = line[id..];
        var seconds = rest[0] == ' ' ? rest[1..].IndexOfAnyExceptInRange((byte)'0', (byte)'9') : -2;
        if (seconds == -1)
        {
            return true;
        }

        // With all its digits the checksum was finished, so that it did not match is damage.
        return seconds > 0 && rest[seconds + 1] == ' ' && rest.Length - seconds - 2 < CrcDigits && !rest[(seconds + 2)..].ContainsAnyExcept(LowerHex);
    }

    private static bool TryTake(ReadOnlySpan<byte> line, List<RevokedCapability> entries, List<RevocationRule> rules)
    {
        if (!TryCheck(line, out var record))
        {
            return false;
        }

        if (record.StartsWith(RuleRecords.Mark))
        {
            var rule = RuleRecords.Parse(record);
            rules.AddRange(rule is null ? [] : [rule]);
            return rule is not null;
        }

        var isRead = TryParse(record, out var entry);
        entries.AddRange(isRead ? [entry] : []);
        return isRead;
    }

    /// <summary>Takes the checksum off a line; false when it does not match.</summary>
    private static bool TryCheck(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> record)
    {
        record = default;
        var crcAt = line.LastIndexOf((byte)' ') + 1;
        if (crcAt < 2 || line.Length - crcAt != CrcDigits || line[crcAt..].ContainsAnyExcept(LowerHex)
            || !Utf8Parser.TryParse(line[crcAt..], out uint crc, out var crcLength, 'x') || crcLength != CrcDigits
            || Crc32C.Of(line[..(crcAt - 1)]) != crc)
        {
            return false;
        }

        record = line[..(crcAt - 1)];
        return true;
    }

    private static bool TryParse(ReadOnlySpan<byte> record, out RevokedCapability entry)
    {
        entry = default;
        var space = record.IndexOf((byte)' ');
        if (space < 0 || !Utf8Parser.TryParse(record[(space + 1)..], out long seconds, out var length) || length != record.Length - space - 1
            || seconds < 0 || seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds())
        {
            return false;
        }

        var id = Encoding.ASCII.GetString(record[..space]);
        entry = new RevokedCapability(id, DateTimeOffset.FromUnixTimeSeconds(seconds));
        return CapabilityNames.IsCapabilityId(id);
    }
}
