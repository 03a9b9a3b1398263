using System.Text.Json;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Audit;

/// <summary>Records for people, one a line, and as comma-separated values.</summary>
internal static class AuditText
{
    public static readonly string[] Columns =
        ["time", "node", "service", "seq", "event", "outcome", "reason", "method", "resource", "subject", "cap_id", "uid", "pid", "req_id", "reads", "bytes", "count", "suppressed", "target"];

    /// <summary>One line: when, whose log, what became of what, who, and why not.</summary>
    public static string Of(AuditEntry entry, bool coloured)
    {
        var record = entry.Record;
        var tone = AuditFilter.Text(record, "outcome") switch
        {
            "allowed" => Tone.Good,
            "denied" or "failed" => Tone.Bad,
            "refused" => Tone.Warning,
            _ => Tone.Plain,
        };
        string?[] rest =
        [
            AuditFilter.Text(record, "reason"),
            Method(record),
            AuditFilter.Text(record, "resource"), Named("target", AuditFilter.Text(record, "target")),
            Named("subject", AuditFilter.Text(record, "subject")), Named("cap", AuditFilter.Text(record, "cap_id")),
            Named("uid", AuditFilter.Text(record, "uid")), Named("pid", AuditFilter.Text(record, "pid")),
            Named("count", AuditFilter.Text(record, "count")), Named("req", AuditFilter.Text(record, "req_id")),
        ];
        var what = $"{SafeText.Of(AuditFilter.Text(record, "outcome") ?? "-"),-7}";
        return $"{Tones.Paint(SafeText.Of(AuditFilter.Text(record, "time") ?? "-"), Tone.Faint, coloured)} {SafeText.Of(entry.Service),-10} "
            + $"{Tones.Paint(what, tone, coloured)} {SafeText.Of(AuditFilter.Text(record, "event") ?? "-")}  "
            + SafeText.Of(string.Join("  ", rest.Where(r => r is not null))) + "\n";
    }

    /// <summary>One row of comma-separated values, by RFC 4180.</summary>
    public static string Csv(IEnumerable<string?> values) => string.Join(',', values.Select(Quoted)) + "\r\n";

    public static IEnumerable<string?> Row(JsonElement record) => Columns.Select(c => AuditFilter.Text(record, c));

    private static string? Method(JsonElement record) => AuditFilter.Text(record, "method") is { } method && method != AuditFilter.Text(record, "event") ? method : null;

    private static string? Named(string name, string? value) => value is null ? null : $"{name}={value}";

    // A spreadsheet takes a value that begins so for a formula; who is audited chooses some of them.
    private static string Quoted(string? value)
    {
        var text = value is { Length: > 0 } && value[0] is '=' or '+' or '-' or '@' or '\t' or '\r' or '\n' ? "'" + value : value ?? "";
        return text.AsSpan().ContainsAny("\",\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }
}
