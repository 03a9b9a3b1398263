using Microsoft.Extensions.Logging;

namespace Strata.Hosting;

/// <summary>Every event that hosting logs, with its fixed id.</summary>
internal static partial class HostingLog
{
    [LoggerMessage(1, LogLevel.Information, "serving {socket}", EventName = "listening")]
    internal static partial void Listening(this ILogger log, string socket);

    [LoggerMessage(2, LogLevel.Information, "stopping on {signal}", EventName = "stopping")]
    internal static partial void Stopping(this ILogger log, string signal);

    [LoggerMessage(3, LogLevel.Information, "stopped", EventName = "stopped")]
    internal static partial void Stopped(this ILogger log);

    [LoggerMessage(4, LogLevel.Error, "{method} failed, req_id {reqId}", EventName = "handler_fault")]
    internal static partial void HandlerFault(this ILogger log, string method, string reqId, Exception exception);

    [LoggerMessage(5, LogLevel.Warning, "connection of pid {pid} uid {uid} dropped: {reason}", EventName = "connection_dropped")]
    internal static partial void ConnectionDropped(this ILogger log, int pid, uint uid, string reason);

    [LoggerMessage(6, LogLevel.Warning, "no descriptor to spare: connections are closed unserved; raise the limit of open files", EventName = "descriptors_exhausted")]
    internal static partial void DescriptorsExhausted(this ILogger log);

    [LoggerMessage(7, LogLevel.Critical, "the service ended by a fault", EventName = "fault")]
    internal static partial void Fault(this ILogger log, Exception exception);

    [LoggerMessage(8, LogLevel.Information, "following identity: {keys} keys, {revoked} revocations, seq {seq}", EventName = "identity_followed")]
    internal static partial void IdentityFollowed(this ILogger log, int keys, int revoked, long seq);

    [LoggerMessage(9, LogLevel.Warning, "lost identity: {reason}; capabilities are denied after {boundMs} ms", EventName = "identity_lost")]
    internal static partial void IdentityLost(this ILogger log, string reason, long boundMs);

    [LoggerMessage(10, LogLevel.Error, "{dropped} audit records could not be kept: {reason}", EventName = "audit_lost")]
    internal static partial void AuditLost(this ILogger log, long dropped, string reason);

    [LoggerMessage(12, LogLevel.Warning, "uid {uid} is denied faster than the audit log records it; its next record tells how many were left out", EventName = "denials_suppressed")]
    internal static partial void DenialsSuppressed(this ILogger log, uint uid);

    [LoggerMessage(13, LogLevel.Error, "the audit log was tampered with: {what}; strata-ctl audit verify tells from where on", EventName = "audit_tampered")]
    internal static partial void AuditTampered(this ILogger log, string what);

    [LoggerMessage(14, LogLevel.Warning, "the audit log is not sealed now: {reason}", EventName = "audit_unsealed")]
    internal static partial void AuditUnsealed(this ILogger log, string reason);

    [LoggerMessage(15, LogLevel.Information, "{reason}; capabilities are denied after {boundMs} ms without it", EventName = "identity_stopping")]
    internal static partial void IdentityStopping(this ILogger log, string reason, long boundMs);
}
