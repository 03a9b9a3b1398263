using Microsoft.Extensions.Logging;

namespace Strata.Exec;

/// <summary>Every event that a service of programs logs, with its fixed id.</summary>
internal static partial class ExecLog
{
    [LoggerMessage(600, LogLevel.Information, "{method} ({reqId}): {line}", EventName = "program_said")]
    internal static partial void ProgramSaid(this ILogger log, string method, string reqId, string line);

    [LoggerMessage(601, LogLevel.Warning, "the program of {method} ({reqId}): {end}, {exit}; {lost} bytes of its errors were dropped", EventName = "program_ended")]
    internal static partial void ProgramEnded(this ILogger log, string method, string reqId, string end, string exit, long lost);

    [LoggerMessage(602, LogLevel.Error, "the program of {method} ({reqId}) could not be started: {error}", EventName = "program_not_started")]
    internal static partial void NotStarted(this ILogger log, string method, string reqId, string error);
}
