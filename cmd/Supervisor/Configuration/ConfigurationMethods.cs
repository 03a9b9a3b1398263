using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;

namespace Strata.Supervisor;

/// <summary>Declares <c>supervisor.config.*</c>.</summary>
internal static class ConfigurationMethods
{
    private static readonly ErrorCode[] Errors = [ErrorCode.Unavailable, ErrorCode.Conflict];

    internal static IReadOnlyList<Method> All(ConfigurationCommands commands, AuditLog audit) =>
    [
        new UnaryMethod<NoParams, ConfigChange>(
            "supervisor.config.diff", "Reads the manifests again and tells what applying them would change.", Access.RightOrAuthority("supervisor.config.diff"),
            () => ContractsJson.Default.NoParams, () => ContractsJson.Default.ConfigChange,
            (_, call) => new ValueTask<Reply<ConfigChange>>(commands.DiffAsync(call.Cancellation)))
        {
            Errors = Errors,
        },
        new UnaryMethod<NoParams, ConfigChange>(
            "supervisor.config.apply", "Reads the manifests again and applies them: all, or with a fault none.", Access.RightOrAuthority("supervisor.config.apply"),
            () => ContractsJson.Default.NoParams, () => ContractsJson.Default.ConfigChange,
            (_, call) => ApplyAsync(commands, audit, call))
        {
            Errors = Errors,
        },
    ];

    private static async ValueTask<Reply<ConfigChange>> ApplyAsync(ConfigurationCommands commands, AuditLog audit, CallContext call)
    {
        var reply = await commands.ApplyAsync(call.Cancellation).ConfigureAwait(false);
        var allowed = reply.Value is { Outcome: not ConfigurationReports.RefusedOutcome };
        audit.Note(AuditLog.Of("config.apply", allowed ? "allowed" : "refused", call) with { Reason = reply.Error?.Reason ?? reply.Value?.Outcome });
        return reply;
    }
}
