using System.Globalization;
using System.Net;
using Strata.Contracts;
using Strata.Policy;

namespace Strata.Sandbox;

/// <summary>One thing that a session may reach.</summary>
/// <param name="Domain">A name, <c>*.</c> and a name for all beneath it, or <c>*</c> for every name; null for a range.</param>
/// <param name="Range">Addresses; null for a domain.</param>
/// <param name="Ports">Ports; never empty.</param>
internal sealed record NetworkRule(string? Domain, IPNetwork? Range, IReadOnlyList<int> Ports)
{
    /// <summary>Most ports of one rule.</summary>
    internal const int MaxPorts = 16;

    /// <summary>Every name.</summary>
    internal const string EveryName = "*";

    /// <summary>The ports of a rule that names none: HTTP and HTTPS.</summary>
    internal static IReadOnlyList<int> DefaultPorts { get; } = [80, 443];

    /// <summary>What it speaks of.</summary>
    internal string To => Domain ?? Range!.Value.ToString();

    /// <summary>Whether it speaks of a name, which stands in its one spelling.</summary>
    internal bool IsOf(string name) => Domain is { } domain && (domain == EveryName || SandboxNames.CoversDomain(domain, name));

    /// <summary>Whether it speaks of an address.</summary>
    internal bool IsOf(IPAddress address) => Range is { } range && range.Contains(address);

    /// <summary>Reads what was asked for.</summary>
    internal static NetworkRule? Read(SandboxDestination wish, out string? fault)
    {
        var ports = wish.Ports is { Count: > 0 } given ? given : DefaultPorts;
        fault = ports.Count > MaxPorts ? string.Create(CultureInfo.InvariantCulture, $"{wish.To} has more than {MaxPorts} ports; write a second entry for it")
            : ports.Any(port => port is < 1 or > ushort.MaxValue) ? $"{wish.To} has a port that is not from 1 to 65535"
            : null;
        return fault is null ? ReadTo(wish.To, ports, out fault) : null;
    }

    private static NetworkRule? ReadTo(string to, IReadOnlyList<int> ports, out string? fault)
    {
        fault = null;
        if (to.Contains('/', StringComparison.Ordinal) || to.Contains(':', StringComparison.Ordinal))
        {
            // Without a length a range of one address is meant.
            var text = to.Contains('/', StringComparison.Ordinal) ? to : to + "/128";
            if (IPNetwork.TryParse(text, out var range) && !range.BaseAddress.IsIPv4MappedToIPv6 && !to.Contains('%', StringComparison.Ordinal)
                && IPAddress.TryParse(text[..text.IndexOf('/', StringComparison.Ordinal)], out var beginning) && beginning.Equals(range.BaseAddress))
            {
                return new NetworkRule(null, range, ports);
            }

            fault = $"{to} is no range of addresses: write ADDRESS/LENGTH whose bits behind LENGTH are zero, as in 192.0.2.0/24; ports stand apart";
            return null;
        }

        if (to == EveryName)
        {
            return new NetworkRule(EveryName, null, ports);
        }

        try
        {
            var beneath = to.StartsWith("*.", StringComparison.Ordinal);
            var (name, address) = HostText.Parse(beneath ? to[2..] : to);
            return name is not null ? new NetworkRule(beneath ? "*." + name : name, null, ports)
                : beneath ? throw Destination.Malformed("there is nothing beneath an address")
                : new NetworkRule(null, new IPNetwork(address!, 32), ports);
        }
        catch (NetworkFault e)
        {
            fault = $"{to}: {e.Message}";
            return null;
        }
    }
}
