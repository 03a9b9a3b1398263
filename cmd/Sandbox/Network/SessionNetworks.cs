using System.Net;
using System.Net.Sockets;
using Strata.Contracts;
using Strata.Ipc;
using Strata.Policy;

namespace Strata.Sandbox;

/// <summary>Gives sessions the network that they were asked to have.</summary>
/// <param name="shared">What all proxies share.</param>
/// <param name="bridge">What all bridges share.</param>
/// <param name="audit">Where denials and uses of secrets are recorded.</param>
/// <param name="events">Where they are told.</param>
/// <param name="endOf">When a session ends in any case.</param>
internal sealed class SessionNetworks(SandboxNetworks shared, NodeBridge bridge, SandboxAudit audit, SessionEvents events, Func<SessionSlot, DateTimeOffset> endOf)
{
    /// <summary>The kind of network whose way out are proxies.</summary>
    internal const string Proxy = "proxy";

    /// <summary>The kind of network whose way out is a device.</summary>
    internal const string BridgeKind = "bridge";

    /// <summary>What all bridges share.</summary>
    internal NodeBridge Bridge => bridge;

    /// <summary>Begins to serve a session, before any program of it runs.</summary>
    /// <returns>Null for a session without a way out of its own.</returns>
    /// <exception cref="SandboxException">It cannot be served.</exception>
    internal async Task<ISessionNetwork?> BeginAsync(SessionSlot slot, ISandbox sandbox)
    {
        var kind = slot.Record.Terms.Network;
        if (kind is not (Proxy or BridgeKind))
        {
            return null;
        }

        // What the capability bounds is held again: terms of an earlier process are only what is on disk.
        var rules = Read(kind, slot.Record.Terms.Allow, slot.Capability.Constraints.Sandbox, out _) ?? NetworkRules.None;
        return kind == BridgeKind
            ? await bridge.JoinAsync(sandbox, rules, (to, reason) => Denied(slot, to, reason)).ConfigureAwait(false)
            : await ListenAsync(slot, sandbox, rules).ConfigureAwait(false);
    }

    /// <summary>Whom programs of a session ask for names themselves.</summary>
    internal IReadOnlyList<string> NameServersOf(SessionSlot slot) => slot.Record.Terms.Network == BridgeKind
        ? BridgeRules.NameServers(Read(BridgeKind, slot.Record.Terms.Allow, slot.Capability.Constraints.Sandbox, out _) ?? NetworkRules.None)
        : [];

    /// <summary>What a caller is answered.</summary>
    internal static RpcError ErrorOf(NetworkRulesFault fault) => fault.IsDenial
        ? new RpcError(ErrorCode.PermissionDenied, fault.Message) { Reason = SandboxReasons.DestinationNotAllowed }
        : RpcError.InvalidField("allow", fault.Message);

    /// <summary>Reads what a session shall reach.</summary>
    internal NetworkRules? Read(string kind, IReadOnlyList<SandboxDestination> wishes, SandboxBounds bounds, out NetworkRulesFault? fault) =>
        Read(kind, wishes, bounds, shared.Reachable, out fault);

    /// <summary>Reads what a session with a kind of network shall reach.</summary>
    internal static NetworkRules? Read(string kind, IReadOnlyList<SandboxDestination>? wishes, SandboxBounds bounds, IReadOnlyList<IPNetwork> reachable, out NetworkRulesFault? fault)
    {
        var rules = NetworkRules.Read(wishes, bounds, reachable, out fault);
        fault = rules is not null && kind == BridgeKind ? BridgeRules.FaultOf(rules) : fault;
        return fault is null ? rules : null;
    }

    private async Task<ISessionNetwork> ListenAsync(SessionSlot slot, ISandbox sandbox, NetworkRules rules)
    {
        var network = new SessionNetwork(shared, rules, slot.Placeholders, (to, reason) => Denied(slot, to, reason), (name, to) => Used(slot, name, to), endOf(slot));
        try
        {
            await network.ListenAsync(sandbox.ListenAsync).ConfigureAwait(false);
            await (network.Authority is { } authority ? TrustBundle.LayAsync(sandbox, authority) : Task.CompletedTask).ConfigureAwait(false);
            return network;
        }
        catch (Exception e)
        {
            await network.DisposeAsync().ConfigureAwait(false);
            throw e is SocketException
                ? new SandboxException(ErrorCode.Unavailable, SandboxReasons.NetworkUnavailable, $"the session's proxy cannot listen inside: {e.Message}")
                : e;
        }
    }

    private void Used(SessionSlot slot, string name, string to)
    {
        audit.SecretUsed(slot, name, to);
        events.Tell("secret_used", slot.Record.Key, name, to);
    }

    private void Denied(SessionSlot slot, string to, string reason)
    {
        audit.NetworkDenied(slot, to, reason);
        events.Tell("network_denied", slot.Record.Key, reason, to);
    }
}
