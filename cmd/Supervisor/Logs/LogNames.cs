using System.Globalization;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>Streams and times as they are written, the same in files, answers and on standard error.</summary>
internal static class LogNames
{
    internal static string Of(LogSource source) => source switch
    {
        LogSource.Stdout => "stdout",
        LogSource.Stderr => "stderr",
        _ => "note",
    };

    internal static LogSource? SourceOf(string? name) => name switch
    {
        "stdout" => LogSource.Stdout,
        "stderr" => LogSource.Stderr,
        "note" => LogSource.Note,
        _ => null,
    };

    internal static string Of(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Reads an RFC 3339 time; null when it is none.</summary>
    internal static DateTimeOffset? TimeOf(string? text) =>
        text is { Length: >= 20 } && text[10] is 'T' or 't' && (text[^1] is 'Z' or 'z' || text[^6] is '+' or '-')
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
