using Microsoft.Extensions.Logging;

namespace Strata.Supervisor;

/// <summary>What the supervisor logs about keeping logs, with fixed ids.</summary>
internal static partial class CaptureLog
{
    [LoggerMessage(150, LogLevel.Warning, "the log of {name} cannot be written: {reason}; its lines are kept in memory alone until it can", EventName = "log_file_failed")]
    internal static partial void LogFileFailed(this ILogger log, string name, string reason);

    [LoggerMessage(151, LogLevel.Information, "the log of {name} is written again; {lost} lines are not in its file", EventName = "log_file_recovered")]
    internal static partial void LogFileRecovered(this ILogger log, string name, long lost);

    [LoggerMessage(152, LogLevel.Warning, "{lost} lines came faster than the disk took them; they are not in the files", EventName = "log_files_lag")]
    internal static partial void LogFilesLag(this ILogger log, long lost);
}
