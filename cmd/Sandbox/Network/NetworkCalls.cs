using System.Net.Sockets;
using Strata.Contracts;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>What callers do with the networks of their sessions.</summary>
internal sealed class NetworkCalls(SandboxSessions sessions, SandboxAudit audit)
{
    internal async ValueTask<Reply<SandboxNetworkResult>> NetworkAsync(SandboxNetworkParams wish, CallContext call)
    {
        var slot = sessions.FindOwnSlot(call, wish.Session);
        if (wish.Allow is { } allow && await ApplyAsync(slot, allow, call).ConfigureAwait(false) is { } fault)
        {
            return fault;
        }

        var session = slot.Require();
        var (terms, went) = (slot.Record.Terms, session.Network?.Figures() ?? NetworkFigures.None);
        return new SandboxNetworkResult(
            terms.Network, terms.Allow, went.Open, went.MaxOpen, went.Connections, went.Denied, went.SentBytes, went.ReceivedBytes, terms.Placeholders.Count > 0 ? terms.Placeholders : null,
            SessionView.TlsHostsOf(slot));
    }

    internal async ValueTask<Reply<SandboxConnectResult>> ConnectAsync(SandboxConnectParams wish, CallContext call)
    {
        var session = sessions.FindOwn(call, wish.Session);
        using var use = session.Use();
        if (use.Sandbox.Plan.Network == "host")
        {
            return Refuse(call, session.Name, wish.Port, new RpcError(ErrorCode.Conflict, "the session shares the host's network: connect to the port on this machine") { Reason = SandboxReasons.NetworkNotProxy });
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(call.Cancellation, session.Ended);
        try
        {
            // A descriptor of its own: the runtime has its sockets end with a reset when nobody closes them in time, and the caller's would be the same one.
            using var socket = await use.Sandbox.ConnectAsync(wish.Port, either.Token).ConfigureAwait(false);
            call.AttachDescriptor(FileDescriptor.Duplicate((int)socket.Handle));
        }
        catch (SocketException e)
        {
            return Refuse(call, session.Name, wish.Port, new RpcError(ErrorCode.Unavailable, $"nobody in the session takes connections on 127.0.0.1:{wish.Port} ({e.SocketErrorCode}); start a server there")
            {
                Reason = SandboxReasons.PortRefused,
            });
        }

        catch (LinuxException)
        {
            return Refuse(call, session.Name, wish.Port, new RpcError(ErrorCode.ResourceExhausted, "no open files to spare; try again shortly") { Reason = SandboxReasons.DescriptorsExhausted });
        }

        audit.Done(call, session.Name, TargetOf(wish.Port));
        return new SandboxConnectResult(wish.Port);
    }

    private async Task<RpcError?> ApplyAsync(SessionSlot slot, IReadOnlyList<SandboxDestination> allow, CallContext call)
    {
        var session = slot.Require();
        if (session.Network is null)
        {
            return Refuse(call, session.Name, null, new RpcError(ErrorCode.Conflict, $"the session has network {slot.Record.Terms.Network}; create one with network proxy or bridge")
            {
                Reason = SandboxReasons.NetworkNotProxy,
            });
        }

        // Both must allow it: whose call this is, and whose session. They may be of one owner and yet not be the same.
        var kind = slot.Record.Terms.Network;
        if (sessions.Networks.Read(kind, allow, SandboxSessions.ClaimsOf(call).Constraints.Sandbox, out var fault) is null
            || sessions.Networks.Read(kind, allow, slot.Capability.Constraints.Sandbox, out fault) is not { } rules)
        {
            var error = SessionNetworks.ErrorOf(fault!);
            if (fault!.IsDenial)
            {
                audit.Denied(call, session.Name, error.Reason);
            }

            return error;
        }

        await sessions.ChangeTermsAsync(slot, terms => terms with { Allow = allow }, () => slot.Session?.Network?.ApplyAsync(rules) ?? Task.CompletedTask).ConfigureAwait(false);
        audit.Done(call, session.Name);
        sessions.Events.Tell("network_changed", session.Key);
        return null;
    }

    private RpcError Refuse(CallContext call, string session, int? port, RpcError error)
    {
        audit.Refused(call, session, error.Reason, port is { } number ? TargetOf(number) : null);
        return error;
    }

    private static string TargetOf(int port) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"port {port}");
}
