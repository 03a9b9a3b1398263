using System.Net.Sockets;

namespace Strata.Sandbox;

/// <summary>What packets can be held to: IPv4 ranges and ports. Pure.</summary>
internal static class BridgeRules
{
    /// <summary>Most name servers that a sandbox is told of.</summary>
    internal const int MaxNameServers = 3;

    private const int DnsPort = 53;
    private static readonly System.Net.IPNetwork Loopback = System.Net.IPNetwork.Parse("127.0.0.0/8");

    /// <summary>Why a bridge cannot hold them; null when it can.</summary>
    internal static NetworkRulesFault? FaultOf(NetworkRules rules) => rules.Rules.Select(FaultOf).OfType<string>().FirstOrDefault() is { } fault ? new(false, fault) : null;

    /// <summary>Rules that speak of private, local or reserved addresses, or of one address that may be the host's, and may do so here.</summary>
    internal static IEnumerable<NetworkRule> Meant(NetworkRules rules, IReadOnlyList<System.Net.IPNetwork> reachable) =>
        rules.Rules.Where(rule => rule.Range is { } range && ReservedAddresses.AreMeantBy(range) && reachable.Any(outer => ReservedAddresses.Covers(outer, range)));

    /// <summary>The addresses that programs may ask for names: those of rules for one address with the port of that.</summary>
    internal static IReadOnlyList<string> NameServers(NetworkRules rules) =>
    [
        .. rules.Rules.Where(rule => rule.Range is { PrefixLength: 32 } range && range.BaseAddress.AddressFamily == AddressFamily.InterNetwork && rule.Ports.Contains(DnsPort))
            .Select(rule => rule.Range!.Value.BaseAddress.ToString()).Distinct().Take(MaxNameServers),
    ];

    private static string? FaultOf(NetworkRule rule) => rule switch
    {
        { Domain: { } domain } => $"{domain} is a name, and packets carry none: with network bridge allow addresses and ranges, or use network proxy",
        { Range: { } range } when range.BaseAddress.AddressFamily != AddressFamily.InterNetwork => $"{range} is IPv6, which network bridge does not carry; use network proxy for it",
        { Range: { } range } when ReservedAddresses.Covers(Loopback, range) => $"{range} is the host's loopback, to which no packet of a bridge comes; use network proxy for it",
        _ => null,
    };
}
