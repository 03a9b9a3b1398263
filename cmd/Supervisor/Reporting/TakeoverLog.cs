using Microsoft.Extensions.Logging;

namespace Strata.Supervisor;

/// <summary>What the supervisor logs about those before and after it, with fixed ids.</summary>
internal static partial class TakeoverLog
{
    [LoggerMessage(170, LogLevel.Error, "the record {file} of an earlier supervisor {fault}; nothing it says is believed, and services whose processes may still live stay down", EventName = "state_unusable")]
    internal static partial void StateUnusable(this ILogger log, string file, string fault);

    [LoggerMessage(171, LogLevel.Error, "service {name} is not started, and process {pid} not touched: {reason}", EventName = "held_down")]
    internal static partial void HeldDown(this ILogger log, string name, int pid, string reason);

    [LoggerMessage(172, LogLevel.Warning, "service {name}: the listening socket of process {pid} cannot be taken back: {reason}; it is restarted with a new one", EventName = "socket_lost")]
    internal static partial void SocketLost(this ILogger log, string name, int pid, string reason);

    [LoggerMessage(173, LogLevel.Warning, "process {pid} is what an earlier supervisor left of {name}, which is not declared or has a newer process; it is ended", EventName = "leftover_ends")]
    internal static partial void LeftoverEnds(this ILogger log, string name, int pid);

    [LoggerMessage(174, LogLevel.Warning, "the supervisor's record cannot be written: {reason}; if it died now, its services would be held down until an operator looks", EventName = "state_not_kept")]
    internal static partial void StateNotKept(this ILogger log, string reason);

    [LoggerMessage(176, LogLevel.Information, "another program takes the supervisor's place: {binary}", EventName = "upgrade")]
    internal static partial void Upgrading(this ILogger log, string binary);

    [LoggerMessage(177, LogLevel.Error, "the upgrade failed: {reason}; the supervisor goes on as it was", EventName = "upgrade_failed")]
    internal static partial void UpgradeFailed(this ILogger log, string reason);

    [LoggerMessage(178, LogLevel.Error, "the limits of service {name} could not be set anew: {reason}; restart it to have them in force", EventName = "limits_not_renewed")]
    internal static partial void LimitsNotRenewed(this ILogger log, string name, string reason);

    [LoggerMessage(175, LogLevel.Information, "the supervisor's record is written again", EventName = "state_kept_again")]
    internal static partial void StateKeptAgain(this ILogger log);
}
