using System.Net;
using System.Text.RegularExpressions;
using Strata.Contracts;
using Strata.Policy;

namespace Strata.Sandbox.Tests;

public sealed partial class BridgeRulesetTests
{
    private static readonly IReadOnlyList<IPNetwork> Reachable = [IPNetwork.Parse("10.1.0.0/16"), IPNetwork.Parse("192.168.7.7/32"), IPNetwork.Parse("8.8.8.8/32")];
    private static readonly string[] Ranges =
    [
        "0.0.0.0/0", "8.0.0.0/8", "8.8.8.0/24", "8.8.8.8", "9.9.9.9", "10.1.0.0/16", "10.1.2.0/24", "10.1.2.3", "192.168.7.7", "128.0.0.0/1", "1.0.0.0/8", "200.0.0.0/6",
    ];

    private static readonly string[] Addresses =
    [
        "8.8.8.8", "8.8.8.9", "9.9.9.9", "10.1.2.3", "10.1.255.255", "10.2.0.1", "192.168.7.7", "192.168.7.8", "169.254.169.254", "100.126.0.1", "127.0.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "203.0.113.9", "1.1.1.1",
    ];

    [Fact]
    public void A_packet_passes_exactly_when_the_proxy_would_connect_there()
    {
        var random = new Random(20260122);
        for (int i = 0; i < 300; i++)
        {
            var rules = Rules([.. Enumerable.Range(0, random.Next(6)).Select(_ => new SandboxDestination(Ranges[random.Next(Ranges.Length)], random.Next(3) == 0 ? null : [Port(random), Port(random)]))]);
            string text = Ruleset().Begin(7, IPAddress.Parse("100.126.0.7"), rules);
            foreach (string to in Addresses)
            {
                foreach (bool isOwn in new[] { false, true })
                {
                    var (address, port) = (IPAddress.Parse(to), Port(random));
                    bool passes = rules.DenialOf(address, port, byName: false, isOwn, Reachable) is null;
                    Assert.True(passes == Passes(text, "out", address, port, isOwn), $"{to}:{port} own {isOwn}: {text}");
                    Assert.True(passes == Passes(text, "in", address, port, isOwn), $"{to}:{port} own {isOwn}: {text}");
                }
            }
        }
    }

    [Fact]
    public void Nothing_but_what_was_checked_comes_to_nft()
    {
        var rules = Rules(new SandboxDestination("0.0.0.0/0"), new SandboxDestination("8.8.8.8", [53, 53, 1]));
        string text = Ruleset().Begin(0x12, IPAddress.Parse("100.126.0.18"), rules) + Ruleset().Change(0x12, rules);
        foreach (string line in text.Split('\n').Where(line => line.StartsWith("add rule", StringComparison.Ordinal)))
        {
            Assert.Matches(RuleLine(), line);
        }

        Assert.Contains("ip daddr 8.8.8.8/32 th dport { 1, 53 }", text, StringComparison.Ordinal);
        Assert.DoesNotContain(text, character => character is '\\' or ';' or '$' or '`');
    }

    [Fact]
    public void What_is_made_for_a_sandbox_is_what_is_taken_away_again()
    {
        string begin = Ruleset().Begin(3, IPAddress.Parse("100.126.0.3"), NetworkRules.None);
        string end = Ruleset().End(3);
        var chains = Chain().Matches(begin).Select(match => match.Groups[1].Value).ToHashSet();
        Assert.Equal(chains, Regex.Matches(end, @"delete chain inet strata_0123abcd (\S+)").Select(match => match.Groups[1].Value).ToHashSet());
        Assert.Equal(chains, Regex.Matches(end, @"flush chain inet strata_0123abcd (\S+)").Select(match => match.Groups[1].Value).ToHashSet());
        Assert.Equal(BridgeRuleset.Counters.Count, Regex.Count(end, "delete counter"));
        Assert.Equal(Regex.Count(begin, "add element"), Regex.Count(end, "delete element"));
    }

    [Theory]
    [InlineData("example.org", "is a name")]
    [InlineData("*", "is a name")]
    [InlineData("2606:4700::/32", "IPv6")]
    [InlineData("127.0.0.1", "loopback")]
    public void What_packets_cannot_be_held_to_is_refused(string to, string why)
    {
        var rules = NetworkRules.Read([new(to)], SandboxBounds.None, [IPNetwork.Parse("127.0.0.0/8")], out _);
        var fault = BridgeRules.FaultOf(rules!);
        Assert.Contains(why, fault!.Message, StringComparison.Ordinal);
        Assert.Contains("proxy", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Addresses_are_given_to_the_one_who_waits_longest_and_no_more_than_there_are()
    {
        var pool = new BridgePool(IPNetwork.Parse("100.126.0.0/29"));
        int[] taken = [.. Enumerable.Range(0, 5).Select(_ => pool.TryTake()!.Value)];
        Assert.Equal([2, 3, 4, 5, 6], taken);
        Assert.Null(pool.TryTake());
        pool.Return(5);
        pool.Return(3);
        Assert.Equal((3, 5), (pool.TryTake(), pool.TryTake()));
        Assert.Equal(("100.126.0.1", "100.126.0.6"), (pool.Gateway.ToString(), pool.AddressOf(6).ToString()));
        Assert.Equal(65533, new BridgePool(IPNetwork.Parse("100.126.0.0/16")).Capacity);
        Assert.Equal("stb0123abcdfffe", new BridgeNames("0123abcd").Device(0xFFFE));
        Assert.Equal(15, new BridgeNames("0123abcd").Device(0xFFFE).Length);
    }

    [Fact]
    public void A_refused_packet_is_read_whatever_is_in_it()
    {
        byte[] packet = [0x46, 0, 0, 64, 0, 0, 0, 0, 64, 17, 0, 0, 100, 126, 0, 2, 8, 8, 4, 4, 1, 1, 1, 1, 0x30, 0x39, 0, 53, 0, 8, 0, 0];
        Assert.Equal(("8.8.4.4:53", 0x1f, "denied"), Told(Message("001f denied", packet)));
        Assert.Equal(("8.8.4.4:0", 0x1f, "denied"), Told(Message("001f denied", packet[..25])));
        Assert.Equal(("-", 0x1f, "denied"), Told(Message("001f denied", packet[..19])));
        packet[9] = 1;
        Assert.Equal(("8.8.4.4 protocol 1", 2, "protocol_denied"), Told(Message("0002 protocol_denied", packet)));
        Assert.Null(BridgeDenial.Read(Message("somebody else's", packet)));
        Assert.Null(BridgeDenial.Read([]));
        var random = new Random(7);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] noise = new byte[random.Next(120)];
            random.NextBytes(noise);
            _ = BridgeDenial.Read(noise);
            _ = BridgeDenial.Read(Message("0001 denied", noise));
            _ = NetfilterMessages.Names(noise, "table");
        }
    }

    [Theory]
    [InlineData("CapEff:\t000001fffeffffff", true)]
    [InlineData("CapEff:\t0000000000001000", true)]
    [InlineData("CapEff:\t00000000a80425fb", false)]
    [InlineData("CapPrm:\tffffffffffffffff\nCapEff:\t0000000000000000", false)]
    [InlineData("", false)]
    public void Whether_the_service_may_administer_networks_is_read_from_what_the_kernel_says(string status, bool may) => Assert.Equal(may, BridgeProbe.MayAdminister(status));

    private static BridgeRuleset Ruleset() => new(new BridgeNames("0123abcd"), 7, Reachable, new BridgeLimits());

    private static int Port(Random random) => new[] { 1, 53, 80, 443, 8080, 65535 }[random.Next(6)];

    private static NetworkRules Rules(params SandboxDestination[] wishes) =>
        NetworkRules.Read(wishes, SandboxBounds.None, Reachable, out var fault) ?? throw new ArgumentException(fault!.Message);

    private static (string, int, string) Told(byte[] message) => BridgeDenial.Read(message) is { } denial ? (denial.Target, denial.Index, denial.Why) : default;

    private static byte[] Message(string prefix, byte[] packet)
    {
        byte[] Attribute(int type, byte[] value) => [(byte)(value.Length + 4), 0, (byte)type, 0, .. value, .. new byte[(4 - value.Length % 4) % 4]];
        return [2, 0, 0, 7, .. Attribute(9, packet), .. Attribute(10, System.Text.Encoding.ASCII.GetBytes(prefix + '\0'))];
    }

    /// <summary>Reads the chains as the kernel does: outward and inward, and for the host's own addresses local, in which only what is meant passes.</summary>
    private static bool Passes(string text, string direction, IPAddress address, int port, bool isOwn)
    {
        bool Any(string chain) => Rule().Matches(text).Where(match => match.Groups[1].Value == $"{chain}_{direction}_0007")
            .Any(match => IPNetwork.Parse(match.Groups[2].Value).Contains(address) && match.Groups[3].Value.Split(", ").Contains($"{port}"));
        return Any("meant") || (!isOwn && !ReservedAddresses.Contain(address) && Any("public"));
    }

    [GeneratedRegex(@"^add rule inet strata_0123abcd (\w+) ip [sd]addr (\S+) th [sd]port \{ ([0-9, ]+) \} goto pass_0007$", RegexOptions.Multiline)]
    private static partial Regex Rule();

    [GeneratedRegex(@"^add rule inet strata_0123abcd (meant|public)_(out|in)_0012 ip [sd]addr [0-9.]+/[0-9]+ th [sd]port \{ [0-9]+(, [0-9]+)* \} goto pass_0012$")]
    private static partial Regex RuleLine();

    [GeneratedRegex(@"^chain (\S+) \{", RegexOptions.Multiline)]
    private static partial Regex Chain();
}
