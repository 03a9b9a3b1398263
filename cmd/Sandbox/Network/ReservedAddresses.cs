using System.Net;
using System.Net.Sockets;

namespace Strata.Sandbox;

/// <summary>
/// Addresses that are nobody's on the public network: the host itself, its neighbours, the machines of whoever runs it. Pure. Of IPv6 everything outside the
/// global unicast range 2000::/3 is among them, and within it what carries an IPv4 address in itself.
/// </summary>
internal static class ReservedAddresses
{
    // The IANA registries of special-purpose addresses, and what clouds have for their metadata at a public one.
    private static readonly IPNetwork[] Ranges =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            "::/3", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "4000::/2", "8000::/1",
        }.Select(text => IPNetwork.Parse(text)),
    ];

    /// <summary>Those of IPv4.</summary>
    internal static IEnumerable<IPNetwork> OfIPv4 => Ranges.Where(range => range.BaseAddress.AddressFamily == AddressFamily.InterNetwork);

    /// <summary>Whether an address is one of them.</summary>
    internal static bool Contain(IPAddress address)
    {
        var plain = HostText.Plain(address);
        return Array.Exists(Ranges, range => range.Contains(plain));
    }

    /// <summary>
    /// Whether a range speaks of such addresses in particular: it lies within one of theirs, or is one address. Whoever writes 0.0.0.0/0 means the
    /// public network, not the host.
    /// </summary>
    internal static bool AreMeantBy(IPNetwork range) =>
        range.PrefixLength == (range.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? 32 : 128) || Array.Exists(Ranges, reserved => Covers(reserved, range));

    /// <summary>Whether a range holds all of another.</summary>
    internal static bool Covers(IPNetwork outer, IPNetwork inner) => inner.PrefixLength >= outer.PrefixLength && outer.Contains(inner.BaseAddress);
}
