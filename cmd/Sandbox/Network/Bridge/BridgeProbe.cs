using System.Globalization;
using System.Net.NetworkInformation;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>Finds out whether this machine can have bridges, by doing what they take.</summary>
internal static class BridgeProbe
{
    private const string ForwardingPath = "/proc/sys/net/ipv4/ip_forward";
    private const int AdminCapability = 12;
    private const string ProbeNode = "00000000";

    /// <summary>Whether this host carries packets from one network to another.</summary>
    internal static bool Forwards => File.Exists(ForwardingPath) && File.ReadAllText(ForwardingPath).Trim() == "1";

    /// <summary>What is missing, and what to do; null when nothing is.</summary>
    internal static async Task<(string Fault, string Remedy)?> FindAsync(NftProgram nft, BridgePool pool, IReadOnlyList<System.Net.IPNetwork> reachable, BridgeLimits limits) =>
        NftProgram.Path is null ? ("nft is not installed", "install the package nftables (apt-get install nftables, dnf install nftables)")
        : !MayAdminister(File.ReadAllText("/proc/self/status")) ? ("the service has no CAP_NET_ADMIN", "run the node as root, and leave it CAP_NET_ADMIN where it is confined itself, by a container or by CapabilityBoundingSet of its unit")
        : !Forwards ? ("this host forwards no packets", "sysctl -w net.ipv4.ip_forward=1, and a file in /etc/sysctl.d that says so after the next start")
        : OverlapOf(pool) is { } overlap ? (overlap, "set STRATA_SANDBOX_BRIDGE_POOL to a range of IPv4 addresses that nothing else on this host or near it uses")
        : await nft.RunAsync(Sample(reachable, limits), checkOnly: true).ConfigureAwait(false) is { } fault
            ? ($"the kernel does not take the packet filters: {fault}", "load the modules nf_tables, nf_nat, nft_chain_nat, nft_ct, nft_connlimit, nft_fib_inet, nft_log, nft_masq, nft_reject_inet and nfnetlink_log")
        : FaultOfGuard() is { } old ? ($"the kernel does not take packet filters of the service's own: {old}", "use a kernel of version 5.12 or later")
        : FaultOfDevices(pool) is { } none ? ($"no pair of devices can be made: {none}", "load the module veth") : null;

    /// <summary>Whether a process may administer networks, by what the kernel says of it. Pure.</summary>
    internal static bool MayAdminister(string status) =>
        status.Split('\n').FirstOrDefault(line => line.StartsWith("CapEff:", StringComparison.Ordinal)) is { } line
        && ulong.TryParse(line.AsSpan(7).Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong mask) && (mask >> AdminCapability & 1) == 1;

    private static string Sample(IReadOnlyList<System.Net.IPNetwork> reachable, BridgeLimits limits)
    {
        var ruleset = new BridgeRuleset(new BridgeNames(ProbeNode), 1, reachable, limits);
        var rules = new NetworkRules([new NetworkRule(null, System.Net.IPNetwork.Parse("192.0.2.0/24"), NetworkRule.DefaultPorts)]);
        return ruleset.Base() + ruleset.Begin(0, System.Net.IPAddress.Loopback, rules);
    }

    private static string? OverlapOf(BridgePool pool) => NetworkInterface.GetAllNetworkInterfaces()
        .Where(device => !device.Name.StartsWith(BridgeNames.Prefix, StringComparison.Ordinal))
        .Where(device => device.GetIPProperties().UnicastAddresses.Any(own => pool.Range.Contains(own.Address)))
        .Select(device => $"{device.Name} of this host has an address of {pool.Range}, the pool of bridges").FirstOrDefault();

    private static string? FaultOfGuard()
    {
        try
        {
            using var filters = NetlinkSocket.Open(NetlinkSocket.Netfilter);
            return BridgeGuard.TryPutUp(filters, new BridgeNames(SecureRandom.Hex(4))) is < 0 and var result ? Errno.Name(-result) : null;
        }
        catch (LinuxException e)
        {
            return e.Message;
        }
    }

    private static string? FaultOfDevices(BridgePool pool)
    {
        try
        {
            using var routes = NetlinkSocket.Open(NetlinkSocket.Routes);
            string name = new BridgeNames(ProbeNode).Device(0);
            int made = BridgeLink.TryMake(routes, name, pool.Gateway, inside: null, new BridgeNames(ProbeNode).Device(1));
            _ = BridgeLink.TryRemove(routes, name);
            return made is 0 or -Errno.EEXIST ? null : Errno.Name(-made);
        }
        catch (LinuxException e)
        {
            return e.Message;
        }
    }
}
