using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>Declares <c>supervisor.upgrade</c>.</summary>
internal static class UpgradeMethods
{
    private static readonly StatusResult Upgrading = new("upgrading");

    internal static Method Declare(NodeBoard board, NodeLoop loop, AuditLog audit) => new UnaryMethod<UpgradeParams, StatusResult>(
        "supervisor.upgrade", "Executes another program in the supervisor's place; services, their sockets and their clients go on.",
        Access.RightOrAuthority("supervisor.upgrade"), () => ContractsJson.Default.UpgradeParams, () => ContractsJson.Default.StatusResult,
        (p, call) => RunAsync(p.Binary, board, loop, audit, call))
    {
        Errors = [ErrorCode.Conflict, ErrorCode.Unavailable],
    };

    private static async ValueTask<Reply<StatusResult>> RunAsync(string? binary, NodeBoard board, NodeLoop loop, AuditLog audit, CallContext call)
    {
        var path = binary ?? Environment.ProcessPath ?? "/proc/self/exe";
        var error = await RefusalOfAsync(path, board, loop, call.Cancellation).ConfigureAwait(false);
        audit.Note(AuditLog.Of("supervisor.upgrade", error is null ? "allowed" : "refused", call) with { Resource = path, Reason = error?.Reason });
        return error is null ? Upgrading : error;
    }

    private static async Task<RpcError?> RefusalOfAsync(string path, NodeBoard board, NodeLoop loop, CancellationToken cancellation)
    {
        if (!Path.IsPathFullyQualified(path))
        {
            return RpcError.InvalidField("binary", "must be an absolute path");
        }

        if (board.Current.State.ShuttingDown)
        {
            return RpcError.Unavailable("the node is shutting down", "shutting_down");
        }

        if (loop.Recorder is not { ChildrenEnd: false })
        {
            return RpcError.Conflict($"services end with this supervisor ({SupervisorOptions.ExitWithChildrenFlag}), also when another program takes its place; stop it and start the other one") with { Reason = "children_end" };
        }

        if (await Upgrade.RefusalOfAsync(path, cancellation).ConfigureAwait(false) is { } refusal)
        {
            return RpcError.Conflict(refusal) with { Reason = "upgrade_refused" };
        }

        return await loop.LeaveAsync(path).ConfigureAwait(false) ? null : RpcError.Unavailable("the node is shutting down, or another upgrade is under way", "shutting_down");
    }
}
