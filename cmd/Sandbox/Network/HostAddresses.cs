using System.Net;
using System.Net.NetworkInformation;

namespace Strata.Sandbox;

/// <summary>The addresses that this host has now.</summary>
internal static class HostAddresses
{
    /// <summary>Whether it has one.</summary>
    internal static bool Contain(IPAddress address) =>
        NetworkInterface.GetAllNetworkInterfaces().SelectMany(card => card.GetIPProperties().UnicastAddresses).Any(own => Same(own.Address, address));

    // An address of one link carries the link's number, which the destination has not.
    private static bool Same(IPAddress own, IPAddress address) => own.GetAddressBytes().AsSpan().SequenceEqual(HostText.Plain(address).GetAddressBytes());
}
