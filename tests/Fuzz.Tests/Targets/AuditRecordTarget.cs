using Strata.StrataCtl.Audit;
using static Strata.Fuzz.Tests.BrokenInvariantException;

namespace Strata.Fuzz.Tests;

/// <summary>One line of an audit log on its way to a terminal and to a table: nothing is thrown, and nothing a terminal obeys comes through.</summary>
internal sealed class AuditRecordTarget : FuzzTarget
{
    private static readonly AuditFilter Filter = new() { Capability = "aaaaaaaaaaaaaaaa", Subject = "agent", Method = "fs.*", Resource = "/", Since = DateTimeOffset.UnixEpoch };

    internal override string Name => "audit-record";

    internal override int MaxBytes => 1024;

    internal override IReadOnlyList<byte[]> Tokens { get; } = Texts(
        "\"time\":\"2030-01-01T12:00:00.000Z\",", "\"event\":\"fs.open\",", "\"outcome\":\"denied\",", "\"reason\":\"revoked\",", "\"subject\":\"agent\",", "\"cap_id\":\"aaaaaaaaaaaaaaaa\",", "\"method\":\"fs.open\",", "\"resource\":\"/srv\",",
        "\"uid\":0,", "\"count\":1e9,", "\"req_id\":\"r\",", "\\u001b[2J", "\\u202e", "\\r\\n", "\\\"", "=cmd", "+1", "-1", "@x", "\\t=", "{", "}", "[", "]", ",", ":", "\"", "null", "true");

    internal override Outcome Execute(ReadOnlySpan<byte> input)
    {
        if (AuditEntry.Read("fs", input) is not { } entry)
        {
            return new Outcome(false, null);
        }

        _ = AuditFilter.TimeOf(entry.Record);
        var matches = Filter.Matches(entry.Record);
        var line = AuditText.Of(entry, coloured: false);
        Unless(line.EndsWith('\n') && !line[..^1].Any(char.IsControl) && !line.Contains('\u202e', StringComparison.Ordinal), "a record writes more than its line to a terminal");
        var row = AuditText.Csv(AuditText.Row(entry.Record));
        Unless(row.EndsWith("\r\n", StringComparison.Ordinal) && CellsOf(row[..^2]) == AuditText.Columns.Length, "a record is another number of cells than it has");
        return new Outcome(true, null, line.Count(c => c == '=') + (matches ? 32 : 0) + (row.Contains('"', StringComparison.Ordinal) ? 64 : 0));
    }

    /// <summary>How many cells a table program finds in a row, none of which it takes for a formula; 0 when the row is torn apart.</summary>
    private static int CellsOf(string row)
    {
        var (cells, at) = (0, 0);
        while (at <= row.Length)
        {
            var end = at;
            var isQuoted = at < row.Length && row[at] == '"';
            var first = at + (isQuoted ? 1 : 0);
            Unless(first >= row.Length || row[first] is not ('=' or '+' or '-' or '@' or '\t' or '\r' or '\n'), "a table program takes this for a formula");
            if (isQuoted)
            {
                for (end = at + 1; end < row.Length && (row[end] != '"' || (end + 1 < row.Length && row[end + 1] == '"')); end += row[end] == '"' ? 2 : 1)
                {
                }

                end++;
            }
            else
            {
                end = row.IndexOf(',', at) is var comma and >= 0 ? comma : row.Length;
            }

            if (end > row.Length || (end < row.Length && row[end] != ','))
            {
                return 0;
            }

            (cells, at) = (cells + 1, end + 1);
        }

        return cells;
    }
}
