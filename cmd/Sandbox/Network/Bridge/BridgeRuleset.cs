using System.Globalization;
using System.Text;

namespace Strata.Sandbox;

/// <summary>
/// What nft is told, as text. Pure: nothing in it but numbers, addresses in their one spelling and names of <see cref="BridgeNames"/>. One table a node;
/// every packet from or to one of its devices is decided by the chains of that device's sandbox, and dropped where there are none.
/// </summary>
/// <param name="names">What things are called.</param>
/// <param name="group">To whom denials are told (nfnetlink_log).</param>
/// <param name="reachable">What the node allows of reserved addresses.</param>
/// <param name="limits">The bounds.</param>
internal sealed class BridgeRuleset(BridgeNames names, int group, IReadOnlyList<System.Net.IPNetwork> reachable, BridgeLimits limits)
{
    private static readonly string[] OfSandbox = ["source", "outward", "local", "inward", "meant_out", "public_out", "meant_in", "public_in", "denied", "pass", "full", "protocol"];

    /// <summary>Counters of every sandbox.</summary>
    internal static IReadOnlyList<string> Counters { get; } = ["made", "denied", "sent", "received"];

    /// <summary>The table without any sandbox; what was in it is gone.</summary>
    internal string Base() => $$"""
        table inet {{names.Table}}
        delete table inet {{names.Table}}
        table inet {{names.Table}} {
        map source { type ifname : verdict; }
        map outward { type ifname : verdict; }
        map local { type ifname : verdict; }
        map inward { type ifname : verdict; }
        set reserved { type ipv4_addr; flags interval; auto-merge; elements = { {{string.Join(", ", ReservedAddresses.OfIPv4)}} }; }
        chain refuse {
        meta l4proto tcp reject with tcp reset
        reject with icmpx type admin-prohibited
        }
        chain cut {
        meta l4proto tcp reject with tcp reset
        drop
        }
        chain prerouting {
        type filter hook prerouting priority raw; policy accept;
        iifname vmap @source
        iifname "{{names.Devices}}*" drop
        }
        chain forward {
        type filter hook forward priority filter; policy accept;
        iifname vmap @outward
        iifname "{{names.Devices}}*" drop
        oifname vmap @inward
        oifname "{{names.Devices}}*" drop
        }
        chain input {
        type filter hook input priority filter; policy accept;
        iifname vmap @local
        iifname "{{names.Devices}}*" drop
        }
        chain output {
        type filter hook output priority filter; policy accept;
        oifname vmap @inward
        oifname "{{names.Devices}}*" drop
        }
        chain postrouting {
        type nat hook postrouting priority srcnat; policy accept;
        iifname "{{names.Devices}}*" masquerade
        }
        }

        """;

    /// <summary>Takes the table away, whether or not it is there.</summary>
    internal string End() => $"table inet {names.Table}\ndelete table inet {names.Table}\n";

    /// <summary>A sandbox's part.</summary>
    internal string Begin(int index, System.Net.IPAddress address, NetworkRules rules)
    {
        var id = Id(index);
        return $$"""
            table inet {{names.Table}} {
            {{string.Join('\n', Counters.Select(counter => $"counter {counter}_{id} {{ }}"))}}
            chain source_{{id}} {
            meta nfproto ipv6 drop
            ip saddr {{address}} accept
            {{Deny(id, NetworkReasons.SourceSpoofed)}}
            drop
            }
            chain pass_{{id}} {
            meta mark set meta mark or {{Passed}}
            ct direction reply counter name received_{{id}} accept
            ct state new ct count over {{Number(limits.MaxConnections)}} goto full_{{id}}
            ct state new counter name made_{{id}}
            counter name sent_{{id}} accept
            }
            chain full_{{id}} {
            {{Deny(id, NetworkReasons.TooManyConnections)}}
            goto refuse
            }
            chain protocol_{{id}} {
            {{Deny(id, NetworkReasons.ProtocolDenied)}}
            goto refuse
            }
            chain denied_{{id}} {
            {{Deny(id, BridgeDenial.Denied)}}
            goto refuse
            }
            {{string.Join('\n', OfRules.Select(chain => $"chain {chain}_{id} {{ }}"))}}
            chain outward_{{id}} {
            oifname "{{BridgeNames.Prefix}}*" goto denied_{{id}}
            ct state invalid drop
            ct direction reply drop
            ct status dnat goto denied_{{id}}
            meta l4proto != { tcp, udp } goto protocol_{{id}}
            jump meant_out_{{id}}
            ip daddr @reserved goto denied_{{id}}
            jump public_out_{{id}}
            goto denied_{{id}}
            }
            chain local_{{id}} {
            ct state invalid drop
            ct direction reply drop
            ct status dnat goto denied_{{id}}
            meta l4proto != { tcp, udp } goto protocol_{{id}}
            jump meant_out_{{id}}
            goto denied_{{id}}
            }
            chain inward_{{id}} {
            meta nfproto ipv6 drop
            ct state related meta mark set meta mark or {{Passed}} accept
            ct state invalid drop
            ct direction original drop
            jump meant_in_{{id}}
            ip saddr @reserved goto cut
            fib saddr type local goto cut
            jump public_in_{{id}}
            goto cut
            }
            }
            {{RulesOf(id, rules)}}{{Verdicts("add", index)}}
            """;
    }

    /// <summary>Other rules in the place of those there are, at once.</summary>
    internal string Change(int index, NetworkRules rules)
    {
        var id = Id(index);
        return string.Concat(OfRules.Select(chain => $"flush chain inet {names.Table} {chain}_{id}\n")) + RulesOf(id, rules);
    }

    /// <summary>Takes a sandbox's part away.</summary>
    internal string End(int index)
    {
        var id = Id(index);
        string[] chains = [.. OfSandbox.Select(chain => $"{chain}_{id}")];
        return Verdicts("delete", index)
            + string.Concat(chains.Select(chain => $"flush chain inet {names.Table} {chain}\n"))
            + string.Concat(chains.Select(chain => $"delete chain inet {names.Table} {chain}\n"))
            + string.Concat(Counters.Select(counter => $"delete counter inet {names.Table} {counter}_{id}\n"));
    }

    /// <summary>How a sandbox's chains and counters end.</summary>
    internal static string Id(int index) => index.ToString("x4", CultureInfo.InvariantCulture);

    private static readonly string[] OfRules = ["meant_out", "public_out", "meant_in", "public_in"];

    // BridgeGuard drops what does not have it.
    private static string Passed => string.Create(CultureInfo.InvariantCulture, $"0x{BridgeGuard.Passed:x8}");

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private string Deny(string id, string why) =>
        $"counter name denied_{id} limit rate {Number(limits.ToldDenials)}/minute burst {Number(limits.ToldDenials)} packets log prefix \"{id} {why}\" group {Number(group)} snaplen {Number(BridgeDenial.Bytes)}";

    private string RulesOf(string id, NetworkRules rules)
    {
        var text = new StringBuilder();
        foreach (var (chain, some) in new[] { ("meant", BridgeRules.Meant(rules, reachable)), ("public", rules.Rules) })
        {
            foreach (var rule in some)
            {
                var ports = string.Join(", ", rule.Ports.Distinct().Order().Select(Number));
                text.Append(CultureInfo.InvariantCulture, $"add rule inet {names.Table} {chain}_out_{id} ip daddr {rule.Range} th dport {{ {ports} }} goto pass_{id}\n");
                text.Append(CultureInfo.InvariantCulture, $"add rule inet {names.Table} {chain}_in_{id} ip saddr {rule.Range} th sport {{ {ports} }} goto pass_{id}\n");
            }
        }

        return text.ToString();
    }

    private string Verdicts(string verb, int index)
    {
        var text = new StringBuilder();
        foreach (var map in new[] { "source", "outward", "local", "inward" })
        {
            text.Append(CultureInfo.InvariantCulture, $"{verb} element inet {names.Table} {map} {{ \"{names.Device(index)}\" : goto {map}_{Id(index)} }}\n");
        }

        return text.ToString();
    }
}
