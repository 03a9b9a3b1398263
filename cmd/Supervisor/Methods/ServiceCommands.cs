using System.Collections.Immutable;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>
/// Carries out svc.start, svc.stop and svc.restart: hands the command to the loop, and waits in the event log for what it
/// was to bring about, so that no later command can make the answer wrong.
/// </summary>
internal sealed class ServiceCommands(NodeBoard board, NodeLoop loop, TimeProvider time, AuditLog audit)
{
    /// <summary>Waited beyond the drain: repeated kills of a process that does not go take this long.</summary>
    internal static readonly TimeSpan Margin = TimeSpan.FromSeconds(8);

    private static readonly StatusResult Started = new("started");
    private static readonly StatusResult Stopped = new("stopped");
    private static readonly StatusResult Restarted = new("restarted");

    /// <summary>Starts a service; answered as soon as that is under way.</summary>
    internal async ValueTask<Reply<StatusResult>> StartAsync(string name, CallContext call)
    {
        var (_, error) = await SendAsync(new NodeEvent.Start(name), name, call).ConfigureAwait(false);
        return error is null ? Started : error;
    }

    /// <summary>Stops a service; answered when it has stopped.</summary>
    internal async ValueTask<Reply<StatusResult>> StopAsync(string name, TimeSpan drain, CallContext call)
    {
        var (accepted, error) = await SendAsync(new NodeEvent.Stop(name, drain), name, call).ConfigureAwait(false);
        if (accepted is null)
        {
            return error!;
        }

        var limit = drain + Margin;
        var stopped = accepted.After.Services[name].State == ServiceState.Stopped
            || await AwaitAsync(name, accepted.Sequence, [ServiceState.Stopped], limit, call).ConfigureAwait(false) is not null;
        // An instance that was just replaced may still finish its work.
        var alone = stopped && await WaitAsync(node => node.State.Services[name].Second is null ? node : null, limit, call).ConfigureAwait(false) is not null;
        return !alone
            ? RpcError.Unavailable($"{name} has not stopped yet; supervisor.svc.explain tells what it waits for", "still_stopping")
            : Stopped;
    }

    /// <summary>Replaces a service's process; answered when the new one is Healthy, or has failed.</summary>
    internal async ValueTask<Reply<StatusResult>> RestartAsync(string name, TimeSpan drain, CallContext call)
    {
        var (accepted, error) = await SendAsync(new NodeEvent.Restart(name, drain), name, call).ConfigureAwait(false);
        if (accepted is null)
        {
            return error!;
        }

        var manifest = accepted.After.Services[name].Manifest;
        ImmutableArray<ServiceState> ends = [ServiceState.Healthy, ServiceState.Crashed, ServiceState.Stopped, ServiceState.Quarantined, ServiceState.Completed, ServiceState.Waiting, ServiceState.Listening];
        var end = await AwaitAsync(name, accepted.Sequence, ends, drain + manifest.ReadyTimeout + Margin, call).ConfigureAwait(false);
        return end switch
        {
            { To: ServiceState.Healthy or ServiceState.Listening } => Restarted,
            { To: ServiceState.Completed } when manifest.Kind == ServiceKind.Oneshot => Restarted,
            { To: ServiceState.Waiting } => Restarted,
            null => RpcError.Unavailable($"{name} is not Healthy yet; supervisor.svc.explain tells what it waits for", "still_starting"),
            { To: ServiceState.Crashed } => RpcError.Unavailable($"{name} crashed while it restarted: {end.Cause}", "crashed"),
            _ => RpcError.Unavailable($"{name} did not come up: {end.Cause}", "stopped_meanwhile"),
        };
    }

    /// <summary>Replaces a service's process by one that is ready first; answered when the old one has ended, or the new one has failed.</summary>
    internal async ValueTask<Reply<StatusResult>> RollAsync(string name, TimeSpan drain, CallContext call)
    {
        var (accepted, error) = await SendAsync(new NodeEvent.Roll(name, drain), name, call).ConfigureAwait(false);
        if (accepted is null)
        {
            return error!;
        }

        var limit = drain + accepted.After.Services[name].Manifest.ReadyTimeout + Margin;
        var end = await AwaitAsync(name, accepted.Sequence, r => r.Kind is EventKind.InstanceGone or EventKind.InstanceFailed, limit, call).ConfigureAwait(false);
        return end?.Kind switch
        {
            EventKind.InstanceGone => Restarted,
            EventKind.InstanceFailed => RpcError.Unavailable($"{name} was not replaced: {end.Cause}; the old instance was left as it was", "not_replaced"),
            _ => RpcError.Unavailable($"the old instance of {name} has not ended yet; supervisor.svc.explain tells what it waits for", "still_stopping"),
        };
    }

    private async ValueTask<(CommandReply? Accepted, RpcError? Error)> SendAsync(NodeEvent command, string name, CallContext call)
    {
        var sent = loop.TrySend(command);
        if (sent is null)
        {
            return (null, RpcError.Unavailable($"{NodeLoop.MaxWaitingCommands} commands wait already; try again", "too_many_commands"));
        }

        var reply = await sent.ConfigureAwait(false);
        var error = ErrorOf(reply.Result);
        audit.Note(AuditLog.Of("svc.command", error is null ? "allowed" : "refused", call) with { Resource = name, Reason = error?.Reason });
        return error is null ? (reply, null) : (null, error);
    }

    /// <summary>The first record after a number that takes the service to one of the states; null when it takes too long.</summary>
    private Task<EventRecord?> AwaitAsync(string name, long after, ImmutableArray<ServiceState> states, TimeSpan limit, CallContext call) =>
        AwaitAsync(name, after, r => r.To is { } to && r.From != to && states.Contains(to), limit, call);

    private Task<EventRecord?> AwaitAsync(string name, long after, Func<EventRecord, bool> wanted, TimeSpan limit, CallContext call) =>
        WaitAsync(node => EventPages.After(node, after + 1)?.Records.FirstOrDefault(r => r.Service == name && wanted(r)), limit, call);

    private async Task<T?> WaitAsync<T>(Func<NodeSnapshot, T?> look, TimeSpan limit, CallContext call)
        where T : class
    {
        using var late = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, call.Cancellation);
        try
        {
            return await board.FindAsync(look, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !call.Cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    private static RpcError? ErrorOf(CommandResult result) => result.Status switch
    {
        CommandStatus.Ok => null,
        CommandStatus.Invalid => RpcError.InvalidField("drain_ms", result.Message),
        CommandStatus.NotFound => RpcError.NotFound($"{result.Message}; supervisor.svc.list shows those there are") with { Reason = "unknown_service" },
        CommandStatus.Conflict => RpcError.Conflict(result.Message) with { Reason = "wrong_state" },
        _ => RpcError.Unavailable(result.Message, "shutting_down"),
    };
}
