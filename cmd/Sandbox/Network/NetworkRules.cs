using System.Globalization;
using System.Net;
using Strata.Contracts;
using Strata.Policy;

namespace Strata.Sandbox;

/// <summary>All that a session may reach; nothing else. Immutable and pure.</summary>
/// <param name="Rules">What it is.</param>
internal sealed record NetworkRules(IReadOnlyList<NetworkRule> Rules)
{
    /// <summary>Most rules of a session.</summary>
    internal const int MaxRules = 256;

    /// <summary>Nothing.</summary>
    internal static NetworkRules None { get; } = new([]);

    /// <summary>Reads what was asked for and holds it to the capability and the node.</summary>
    /// <param name="wishes">What was asked for; null for nothing.</param>
    /// <param name="bounds">What the capability allows.</param>
    /// <param name="reachable">What the node allows of reserved addresses.</param>
    /// <param name="fault">What is wrong, when the result is null.</param>
    internal static NetworkRules? Read(IReadOnlyList<SandboxDestination>? wishes, SandboxBounds bounds, IReadOnlyList<IPNetwork> reachable, out NetworkRulesFault? fault)
    {
        fault = wishes?.Count > MaxRules ? new(false, string.Create(CultureInfo.InvariantCulture, $"at most {MaxRules} destinations can be allowed")) : null;
        var rules = new List<NetworkRule>();
        foreach (var wish in fault is null ? wishes ?? [] : [])
        {
            if (NetworkRule.Read(wish, out var wrong) is not { } rule)
            {
                fault = new(false, wrong!);
                return null;
            }

            fault = FaultOf(rule, bounds, reachable);
            if (fault is not null)
            {
                return null;
            }

            rules.Add(rule);
        }

        return fault is null ? new NetworkRules(rules) : null;
    }

    /// <summary>Whether two lists say the same.</summary>
    internal static bool Same(IReadOnlyList<SandboxDestination> one, IReadOnlyList<SandboxDestination> other) =>
        one.Count == other.Count && one.Zip(other).All(pair => pair.First.To == pair.Second.To && (pair.First.Ports ?? []).SequenceEqual(pair.Second.Ports ?? []));

    /// <summary>Why a name may not be reached; null when it may, if its address may.</summary>
    internal string? DenialOf(string name, int port) => DenialOf(Rules.Where(rule => rule.IsOf(name)), port);

    /// <summary>Why an address may not be reached.</summary>
    /// <param name="address">The address.</param>
    /// <param name="port">The port.</param>
    /// <param name="byName">Whether it is that of a name that may be reached.</param>
    /// <param name="isOwn">Whether the host itself has it.</param>
    /// <param name="reachable">What the node allows of reserved addresses.</param>
    internal string? DenialOf(IPAddress address, int port, bool byName, bool isOwn, IReadOnlyList<IPNetwork> reachable)
    {
        var plain = HostText.Plain(address);
        if (!isOwn && !ReservedAddresses.Contain(plain))
        {
            return byName ? null : DenialOf(Rules.Where(rule => rule.IsOf(plain)), port);
        }

        var meant = Rules.Where(rule => rule.IsOf(plain) && ReservedAddresses.AreMeantBy(rule.Range!.Value)).ToList();
        return meant.Count == 0 || !reachable.Any(range => range.Contains(plain)) ? NetworkReasons.AddressBlocked : DenialOf(meant, port);
    }

    private static string? DenialOf(IEnumerable<NetworkRule> rules, int port)
    {
        string? denial = NetworkReasons.DestinationDenied;
        foreach (var rule in rules)
        {
            if (rule.Ports.Contains(port))
            {
                return null;
            }

            denial = NetworkReasons.PortDenied;
        }

        return denial;
    }

    private static NetworkRulesFault? FaultOf(NetworkRule rule, SandboxBounds bounds, IReadOnlyList<IPNetwork> reachable)
    {
        if (bounds.Domains.Count > 0 && !(rule.Domain is { } domain && bounds.AllowsDomain(domain)))
        {
            return new(true, $"your capability does not allow {rule.To}; it allows {string.Join(", ", bounds.Domains)}");
        }

        var isReserved = rule.Range is { } range && ReservedAddresses.AreMeantBy(range) && ReservedAddresses.Contain(range.BaseAddress);
        return isReserved && !reachable.Any(outer => ReservedAddresses.Covers(outer, rule.Range!.Value))
            ? new(true, $"sessions on this node may not reach {rule.To}, which is private, local or reserved; STRATA_SANDBOX_REACHABLE of the service says what they may of that")
            : null;
    }
}

/// <summary>What is wrong with rules.</summary>
/// <param name="IsDenial">Whether they are understood, but not allowed.</param>
/// <param name="Message">What, and what to do.</param>
internal sealed record NetworkRulesFault(bool IsDenial, string Message);
