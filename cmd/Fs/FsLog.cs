using Microsoft.Extensions.Logging;

namespace Strata.Fs;

/// <summary>Every event that fs logs itself, with its fixed id.</summary>
internal static partial class FsLog
{
    [LoggerMessage(201, LogLevel.Error, "what capabilities with quota_bytes write cannot be recorded, so they write nothing: {reason}", EventName = "quotas_not_recorded")]
    internal static partial void QuotasNotRecorded(this ILogger log, string reason);
}
