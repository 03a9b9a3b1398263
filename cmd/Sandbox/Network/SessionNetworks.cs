using System.Net.Sockets;
using Strata.Contracts;
using Strata.Ipc;
using Strata.Policy;

namespace Strata.Sandbox;

/// <summary>Gives sessions the network that they were asked to have.</summary>
internal sealed class SessionNetworks(SandboxNetworks shared, SandboxAudit audit, SessionEvents events)
{
    /// <summary>The kind of network with a way out.</summary>
    internal const string Proxy = "proxy";

    /// <summary>Begins to serve a session, before any program of it runs.</summary>
    /// <returns>Null for a session without a way out of its own.</returns>
    /// <exception cref="SandboxException">It cannot be served.</exception>
    internal async Task<SessionNetwork?> BeginAsync(SessionSlot slot, ISandbox sandbox)
    {
        if (slot.Record.Terms.Network != Proxy)
        {
            return null;
        }

        // What the capability bounds is held again: terms of an earlier process are only what is on disk.
        var rules = NetworkRules.Read(slot.Record.Terms.Allow, slot.Capability.Constraints.Sandbox, shared.Reachable, out _) ?? NetworkRules.None;
        var network = new SessionNetwork(shared, rules, slot.Placeholders, (to, reason) => Denied(slot, to, reason));
        try
        {
            await network.ListenAsync(sandbox.ListenAsync).ConfigureAwait(false);
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

    /// <summary>What a caller is answered.</summary>
    internal static RpcError ErrorOf(NetworkRulesFault fault) => fault.IsDenial
        ? new RpcError(ErrorCode.PermissionDenied, fault.Message) { Reason = SandboxReasons.DestinationNotAllowed }
        : RpcError.InvalidField("allow", fault.Message);

    /// <summary>Reads what a session shall reach.</summary>
    internal NetworkRules? Read(IReadOnlyList<SandboxDestination> wishes, SandboxBounds bounds, out NetworkRulesFault? fault) =>
        NetworkRules.Read(wishes, bounds, shared.Reachable, out fault);

    private void Denied(SessionSlot slot, string to, string reason)
    {
        audit.NetworkDenied(slot, to, reason);
        events.Tell("network_denied", slot.Record.Key, reason, to);
    }
}
