using Microsoft.Extensions.Logging;

namespace Strata.Sandbox;

/// <summary>Every event that the sandbox service logs itself, with its fixed id.</summary>
internal static partial class SandboxLog
{
    [LoggerMessage(301, LogLevel.Warning, "session {id} is lost: {reason}", EventName = "session_lost")]
    internal static partial void SessionLost(this ILogger log, string id, string reason);

    [LoggerMessage(302, LogLevel.Warning, "the record of session {id} {fault}; the session is not brought back, and its directory is left as it is", EventName = "session_unreadable")]
    internal static partial void SessionUnreadable(this ILogger log, string id, string fault);

    [LoggerMessage(303, LogLevel.Information, "{count} sessions of an earlier process were found: {restored} made anew, {lost} lost", EventName = "sessions_restored")]
    internal static partial void SessionsRestored(this ILogger log, int count, int restored, int lost);

    [LoggerMessage(304, LogLevel.Error, "what is left of session {id} cannot be removed: {reason}", EventName = "session_not_removed")]
    internal static partial void SessionNotRemoved(this ILogger log, string id, string reason);

    [LoggerMessage(305, LogLevel.Warning, "the sandbox of session {id} ended by itself", EventName = "sandbox_ended")]
    internal static partial void SandboxEnded(this ILogger log, string id);

    [LoggerMessage(306, LogLevel.Error, "session {id} cannot be kept on disk: {reason}", EventName = "session_not_kept")]
    internal static partial void StateUnwritable(this ILogger log, string id, string reason);

    [LoggerMessage(307, LogLevel.Error, "session {id} did not end as it should: {reason}", EventName = "session_end_failed")]
    internal static partial void SessionEndFailed(this ILogger log, string id, string reason);

    [LoggerMessage(309, LogLevel.Error, "{what} of a bridge cannot be removed: {reason}", EventName = "bridge_not_removed")]
    internal static partial void BridgeNotRemoved(this ILogger log, string what, string reason);

    [LoggerMessage(310, LogLevel.Warning, "somebody removed the packet filters {table}; bridges were down meanwhile: {outcome}", EventName = "bridge_repaired")]
    internal static partial void BridgeRepaired(this ILogger log, string table, string outcome);

    [LoggerMessage(308, LogLevel.Warning, "the record of {kind} {id} cannot be used and is left alone: {fault}", EventName = "kept_unreadable")]
    internal static partial void KeptUnreadable(this ILogger log, string kind, string id, string fault);
}
