using System.Buffers.Binary;
using System.Net;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>
/// A pair of devices, one on the host and one in a sandbox, and what leads from one to the other. Both have one hardware address and ask nobody for any: there is
/// no ARP on it, nothing to be answered or forged, and nobody beside the two.
/// </summary>
internal static class BridgeLink
{
    private const ushort NewLink = 16;
    private const ushort DeleteLink = 17;
    private const ushort GetLink = 18;
    private const ushort NewAddress = 20;
    private const ushort NewRoute = 24;
    private const ushort LinkHardware = 1;
    private const ushort LinkName = 3;
    private const ushort LinkInfo = 18;
    private const ushort LinkNamespace = 28;
    private const ushort InfoKind = 1;
    private const ushort InfoData = 2;
    private const ushort VethPeer = 1;
    private const ushort AddressOf = 1;
    private const ushort AddressLocal = 2;
    private const ushort RouteDestination = 1;
    private const ushort RouteDevice = 4;
    private const ushort RouteSource = 7;
    private const uint IsUp = 1;
    private const uint AsksNobody = 0x80;
    private const byte Internet = 2;
    private const byte MainTable = 254;
    private const byte Static = 4;
    private const byte OfLink = 253;
    private const byte Unicast = 1;
    private const byte WholeAddress = 32;

    /// <summary>Makes a pair, neither end of it up.</summary>
    /// <param name="host">A socket on the host.</param>
    /// <param name="name">The host's end.</param>
    /// <param name="address">Whose: the hardware address is made of it.</param>
    /// <param name="inside">Where the other end goes; null leaves it, under <paramref name="peer"/>, on the host.</param>
    /// <param name="peer">What the other end is called.</param>
    /// <returns>0, or a negated <see cref="Errno"/>.</returns>
    internal static int TryMake(NetlinkSocket host, string name, IPAddress address, FileDescriptor? inside, string peer)
    {
        byte[] hardware = [0x02, 0x53, .. address.GetAddressBytes()];
        var message = new NetlinkMessage(NewLink, NetlinkModes.Create | NetlinkModes.Exclusive, Link(AsksNobody)).AddText(LinkName, name).Add(LinkHardware, hardware);
        return host.Try(message.Nest(LinkInfo, info => info.AddText(InfoKind, "veth").Nest(InfoData, data => data.Nest(VethPeer, end =>
        {
            end.Append(Link(AsksNobody)).AddText(LinkName, peer).Add(LinkHardware, hardware);
            if (inside is not null)
            {
                end.Add(LinkNamespace, (uint)inside.Number);
            }
        }))));
    }

    /// <summary>Puts the host's end up: its address, and the way to the sandbox's.</summary>
    /// <exception cref="LinuxException">EEXIST when something else on this host leads there.</exception>
    internal static void RaiseHost(NetlinkSocket host, string name, IPAddress gateway, IPAddress address)
    {
        AddAddress(host, name, IndexOf(host, name), gateway);
        Turn(host, name, up: true);
        AddRoute(host, name, gateway, address);
    }

    /// <summary>Leads to a sandbox by the host's end, which is up.</summary>
    /// <exception cref="LinuxException">EEXIST when something else on this host leads there.</exception>
    internal static void AddRoute(NetlinkSocket host, string name, IPAddress gateway, IPAddress address) => host.Do(
        new NetlinkMessage(NewRoute, NetlinkModes.Create | NetlinkModes.Exclusive, Route(WholeAddress))
            .Add(RouteDestination, address.GetAddressBytes()).Add(RouteDevice, (uint)IndexOf(host, name)).Add(RouteSource, gateway.GetAddressBytes()),
        "a route", address.ToString());

    /// <summary>Puts the sandbox's end up: its address, and the way to everywhere.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    internal static void RaiseInside(NetlinkSocket inside, IPAddress address)
    {
        int device = IndexOf(inside, BridgeNames.Inside);
        AddAddress(inside, BridgeNames.Inside, device, address);
        Turn(inside, BridgeNames.Inside, up: true);
        inside.Do(new NetlinkMessage(NewRoute, NetlinkModes.Create | NetlinkModes.Exclusive, Route(0)).Add(RouteDevice, (uint)device), "a route", "the sandbox");
    }

    /// <summary>Has an end carry packets, or none any more.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    internal static void Turn(NetlinkSocket socket, string name, bool up) =>
        socket.Do(new NetlinkMessage(NewLink, NetlinkModes.None, Link(up ? IsUp : 0, IsUp)).AddText(LinkName, name), up ? "a device put up" : "a device put down", name);

    /// <summary>Removes both ends.</summary>
    /// <returns>0, or a negated <see cref="Errno"/>: ENODEV when they are gone already.</returns>
    internal static int TryRemove(NetlinkSocket host, string name) => host.Try(new NetlinkMessage(DeleteLink, NetlinkModes.None, Link(0, 0)).AddText(LinkName, name));

    private static void AddAddress(NetlinkSocket socket, string name, int device, IPAddress address)
    {
        byte[] body = [Internet, WholeAddress, 0, 0, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(4), device);
        byte[] bytes = address.GetAddressBytes();
        socket.Do(new NetlinkMessage(NewAddress, NetlinkModes.Create | NetlinkModes.Exclusive, body).Add(AddressLocal, bytes).Add(AddressOf, bytes), "an address", name);
    }

    private static int IndexOf(NetlinkSocket socket, string name)
    {
        int result = socket.TryAsk(new NetlinkMessage(GetLink, NetlinkModes.None, Link(0, 0)).AddText(LinkName, name), out byte[] answer);
        return result == 0 && answer.Length >= 8 ? BinaryPrimitives.ReadInt32LittleEndian(answer.AsSpan(4)) : throw new LinuxException(result == 0 ? Errno.EIO : result, "the device", name);
    }

    private static byte[] Link(uint flags) => Link(flags, flags);

    private static byte[] Link(uint flags, uint change)
    {
        byte[] body = new byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(8), flags);
        BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(12), change);
        return body;
    }

    private static byte[] Route(byte prefix) => [Internet, prefix, 0, 0, MainTable, Static, OfLink, Unicast, 0, 0, 0, 0];
}
