using System.Net;
using System.Net.Sockets;

namespace Strata.Sandbox;

/// <summary>Connects to where somebody inside wants to go, if that may be: a name is resolved once, and what was decided on is what is connected to.</summary>
/// <param name="names">Finds addresses.</param>
/// <param name="isOwn">Whether the host has an address.</param>
/// <param name="reachable">What the node allows of reserved addresses.</param>
/// <param name="limits">The bounds.</param>
/// <param name="time">The clock.</param>
internal sealed class NetworkDialer(INameResolver names, Func<IPAddress, bool> isOwn, IReadOnlyList<IPNetwork> reachable, NetworkLimits limits, TimeProvider time)
{
    /// <summary>Why a connection may not be, or be any longer; null when it may.</summary>
    internal string? DenialOf(NetworkRules rules, Destination to, IPAddress address) =>
        (to.Name is { } name ? rules.DenialOf(name, to.Port) : null) ?? rules.DenialOf(address, to.Port, byName: to.Name is not null, isOwn(address), reachable);

    /// <summary>Connects.</summary>
    /// <exception cref="NetworkFault">It may not be, or cannot.</exception>
    internal async Task<Socket> DialAsync(NetworkRules rules, Destination to, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(limits.ConnectTime, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            var addresses = await AllowedAsync(rules, to, both.Token).ConfigureAwait(false);
            return await ConnectAsync(to, addresses, both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            throw new NetworkFault(NetworkFaultKind.TimedOut, NetworkReasons.ConnectionTimedOut, $"{to} did not answer in time");
        }
    }

    private async Task<IReadOnlyList<IPAddress>> AllowedAsync(NetworkRules rules, Destination to, CancellationToken cancellation)
    {
        if (to.Name is not { } name)
        {
            return DenialOf(rules, to, to.Address!) is { } no ? throw Denied(to, no) : [to.Address!];
        }

        // Whether the name exists, and asking for it at all, is nobody's business who may not go there.
        if (rules.DenialOf(name, to.Port) is { } denied)
        {
            throw Denied(to, denied);
        }

        var all = await names.ResolveAsync(name, cancellation).ConfigureAwait(false);
        var allowed = new List<IPAddress>();
        string? denial = null;
        foreach (var address in all.Take(limits.MaxAddresses).Select(HostText.Plain))
        {
            denial = DenialOf(rules, to, address);
            if (denial is null)
            {
                allowed.Add(address);
            }
        }

        return allowed.Count > 0 ? allowed
            : denial is not null ? throw Denied(to, denial)
            : throw new NetworkFault(NetworkFaultKind.Unreachable, NetworkReasons.NotResolved, $"no address is known for {name}");
    }

    private static async Task<Socket> ConnectAsync(Destination to, IReadOnlyList<IPAddress> addresses, CancellationToken cancellation)
    {
        SocketError error = default;
        foreach (var address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, to.Port), cancellation).ConfigureAwait(false);
                return socket;
            }
            catch (SocketException e)
            {
                error = e.SocketErrorCode;
                socket.Dispose();
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw new NetworkFault(NetworkFaultKind.Unreachable, NetworkReasons.NotConnected, $"{to} cannot be reached: {error}");
    }

    private static NetworkFault Denied(Destination to, string reason) => new(NetworkFaultKind.Denied, reason, reason switch
    {
        NetworkReasons.PortDenied => $"this session may not reach port {to.Port} of {to.Host}; sandbox.network allows ports",
        NetworkReasons.AddressBlocked => $"{to.Host} is, or has, a private, local or reserved address, which this session may not reach",
        _ => $"this session may not reach {to.Host}; sandbox.network allows destinations",
    });
}
