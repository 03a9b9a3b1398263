using System.Net;
using Strata.Contracts;
using Strata.Policy;

namespace Strata.Sandbox.Tests;

public sealed class NetworkRulesTests
{
    private static readonly IReadOnlyList<IPNetwork> Nothing = [];

    [Fact]
    public void Nothing_is_allowed_by_default()
    {
        Assert.Equal(NetworkReasons.DestinationDenied, NetworkRules.None.DenialOf("example.org", 443));
        Assert.Equal(NetworkReasons.DestinationDenied, NetworkRules.None.DenialOf(IPAddress.Parse("8.8.8.8"), 443, byName: false, isOwn: false, Nothing));
    }

    [Theory]
    [InlineData("example.org", "example.org", null)]
    [InlineData("example.org", "www.example.org", "destination_denied")]
    [InlineData("example.org", "notexample.org", "destination_denied")]
    [InlineData("*.example.org", "www.example.org", null)]
    [InlineData("*.example.org", "a.b.example.org", null)]
    [InlineData("*.example.org", "example.org", "destination_denied")]
    [InlineData("*.example.org", "evilexample.org", "destination_denied")]
    [InlineData("*.example.org", "example.org.evil.example", "destination_denied")]
    [InlineData("*.Bücher.example.", "a.xn--bcher-kva.example", null)]
    [InlineData("*", "anything.example", null)]
    public void A_name_is_allowed_as_it_is_or_by_what_it_lies_beneath(string rule, string name, string? denial) => Assert.Equal(denial, Rules(rule).DenialOf(name, 443));

    [Fact]
    public void A_port_that_is_not_named_is_denied()
    {
        var rules = Rules(new SandboxDestination("example.org"), new SandboxDestination("db.example.org", [5432]));
        Assert.Null(rules.DenialOf("example.org", 80));
        Assert.Equal(NetworkReasons.PortDenied, rules.DenialOf("example.org", 5432));
        Assert.Equal(NetworkReasons.PortDenied, rules.DenialOf("example.org", 25));
        Assert.Null(rules.DenialOf("db.example.org", 5432));
        Assert.Equal(NetworkReasons.PortDenied, rules.DenialOf("db.example.org", 443));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.0.7")]
    [InlineData("0.0.0.0")]
    [InlineData("10.1.2.3")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.1.1")]
    [InlineData("169.254.169.254")]
    [InlineData("100.100.100.200")]
    [InlineData("168.63.129.16")]
    [InlineData("192.0.2.1")]
    [InlineData("198.18.0.1")]
    [InlineData("198.51.100.1")]
    [InlineData("203.0.113.1")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::1")]
    [InlineData("::")]
    [InlineData("::127.0.0.1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:a00:1")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("2002:7f00:1::1")]
    [InlineData("2001:0:1::1")]
    [InlineData("2001:db8::1")]
    [InlineData("fe80::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fc00::1")]
    [InlineData("ff02::1")]
    [InlineData("fec0::1")]
    public void A_reserved_address_is_blocked_whatever_leads_to_it(string address)
    {
        // Rules as wide as can be, and one that names it where the node does not.
        var rules = new NetworkRules([new("*", null, [443]), new(null, IPNetwork.Parse("0.0.0.0/0"), [443]), new(null, IPNetwork.Parse("::/0"), [443])]);
        var parsed = IPAddress.Parse(address);
        Assert.Equal(NetworkReasons.AddressBlocked, rules.DenialOf(parsed, 443, byName: true, isOwn: false, Nothing));
        Assert.Equal(NetworkReasons.AddressBlocked, rules.DenialOf(parsed, 443, byName: false, isOwn: false, [IPNetwork.Parse("0.0.0.0/0"), IPNetwork.Parse("::/0")]));
    }

    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("172.32.0.1")]
    [InlineData("172.15.255.255")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.1")]
    [InlineData("169.253.255.255")]
    [InlineData("223.255.255.255")]
    [InlineData("2606:4700::1")]
    [InlineData("2a00::1")]
    [InlineData("2001:200::1")]
    public void A_public_address_is_reached_by_an_allowed_name_or_a_range(string address)
    {
        var parsed = IPAddress.Parse(address);
        Assert.Null(Rules("*").DenialOf(parsed, 443, byName: true, isOwn: false, Nothing));
        Assert.Equal(NetworkReasons.DestinationDenied, Rules("*").DenialOf(parsed, 443, byName: false, isOwn: false, Nothing));
        var wide = Rules("0.0.0.0/0", "::/0");
        Assert.Null(wide.DenialOf(parsed, 443, byName: false, isOwn: false, Nothing));
        Assert.Equal(NetworkReasons.PortDenied, wide.DenialOf(parsed, 22, byName: false, isOwn: false, Nothing));
    }

    [Fact]
    public void The_hosts_own_address_is_blocked_unless_it_is_named_by_itself()
    {
        var own = IPAddress.Parse("8.8.4.4");
        Assert.Equal(NetworkReasons.AddressBlocked, Rules("0.0.0.0/0", "*").DenialOf(own, 443, byName: true, isOwn: true, [IPNetwork.Parse("0.0.0.0/0")]));
        Assert.Equal(NetworkReasons.AddressBlocked, Rules("8.8.4.4").DenialOf(own, 443, byName: false, isOwn: true, Nothing));
        Assert.Null(Rules("8.8.4.4").DenialOf(own, 443, byName: false, isOwn: true, [IPNetwork.Parse("8.8.4.0/24")]));
    }

    [Fact]
    public void A_private_range_takes_the_nodes_word_and_the_sessions()
    {
        IReadOnlyList<IPNetwork> node = [IPNetwork.Parse("10.1.0.0/16")];
        Assert.NotNull(NetworkRules.Read([new("10.1.2.0/24")], SandboxBounds.None, node, out _));
        Assert.Null(NetworkRules.Read([new("10.0.0.0/8")], SandboxBounds.None, node, out var wider));
        Assert.True(wider!.IsDenial);
        Assert.Contains("STRATA_SANDBOX_REACHABLE", wider.Message, StringComparison.Ordinal);
        Assert.Null(NetworkRules.Read([new("169.254.169.254")], SandboxBounds.None, node, out _));

        var rules = NetworkRules.Read([new("10.1.2.0/24", [5432]), new("db.example")], SandboxBounds.None, node, out _)!;
        var database = IPAddress.Parse("10.1.2.3");
        Assert.Null(rules.DenialOf(database, 5432, byName: false, isOwn: false, node));
        Assert.Equal(NetworkReasons.PortDenied, rules.DenialOf(database, 443, byName: true, isOwn: false, node));
        Assert.Equal(NetworkReasons.AddressBlocked, rules.DenialOf(IPAddress.Parse("10.1.3.3"), 5432, byName: true, isOwn: false, node));
        // What the node has taken back since.
        Assert.Equal(NetworkReasons.AddressBlocked, rules.DenialOf(database, 5432, byName: false, isOwn: false, Nothing));
    }

    [Fact]
    public void A_capability_with_domains_narrows_what_a_session_is_given()
    {
        var bounds = new SandboxBounds { Domains = NameList.Of(["*.example.org", "pypi.example"]) };
        Assert.NotNull(NetworkRules.Read([new("a.example.org"), new("*.b.example.org"), new("pypi.example")], bounds, Nothing, out _));
        foreach (var wider in new[] { "example.org", "*", "*.example", "8.8.8.8", "0.0.0.0/0", "a.example.org.evil.example" })
        {
            Assert.Null(NetworkRules.Read([new(wider)], bounds, Nothing, out var fault));
            Assert.True(fault!.IsDenial);
        }
    }

    [Theory]
    [InlineData("10.0.0.1/8")]
    [InlineData("1.2.3.4/33")]
    [InlineData("::ffff:10.0.0.0/104")]
    [InlineData("fe80::1%eth0")]
    [InlineData("example.org:443")]
    [InlineData("http://example.org")]
    [InlineData("*.*.example")]
    [InlineData("a*.example")]
    [InlineData("*.192.0.2.1")]
    [InlineData("0x7f.1")]
    [InlineData("")]
    public void What_is_no_destination_is_refused_with_a_reason(string to)
    {
        Assert.Null(NetworkRules.Read([new(to)], SandboxBounds.None, Nothing, out var fault));
        Assert.False(fault!.IsDenial);
    }

    [Fact]
    public void Rules_and_ports_have_their_greatest_numbers()
    {
        var many = Enumerable.Range(0, NetworkRules.MaxRules).Select(i => new SandboxDestination($"h{i}.example")).ToList();
        Assert.NotNull(NetworkRules.Read(many, SandboxBounds.None, Nothing, out _));
        Assert.Null(NetworkRules.Read([.. many, new("one.more.example")], SandboxBounds.None, Nothing, out var rules));
        Assert.Contains("256", rules!.Message, StringComparison.Ordinal);

        var ports = Enumerable.Range(1, NetworkRule.MaxPorts).ToList();
        Assert.NotNull(NetworkRules.Read([new("a.example", ports)], SandboxBounds.None, Nothing, out _));
        Assert.Null(NetworkRules.Read([new("a.example", [.. ports, 99])], SandboxBounds.None, Nothing, out _));
        Assert.Null(NetworkRules.Read([new("a.example", [0])], SandboxBounds.None, Nothing, out _));
        Assert.Null(NetworkRules.Read([new("a.example", [65536])], SandboxBounds.None, Nothing, out _));
    }

    [Fact]
    public void No_wide_rule_ever_opens_a_reserved_address()
    {
        var random = new Random(11);
        IReadOnlyList<IPNetwork> node = [IPNetwork.Parse("0.0.0.0/0"), IPNetwork.Parse("::/0")];
        for (var i = 0; i < 20_000; i++)
        {
            var address = new byte[random.Next(2) == 0 ? 4 : 16];
            random.NextBytes(address);
            var parsed = new IPAddress(address);
            var range = Masked(address, random.Next(0, 9 * (address.Length / 4)));
            var rules = new NetworkRules([new(null, range, [443])]);
            var denial = rules.DenialOf(parsed, 443, byName: false, isOwn: false, node);
            Assert.Equal(ReservedAddresses.Contain(parsed) && !ReservedAddresses.AreMeantBy(range), denial is not null);
        }
    }

    private static IPNetwork Masked(byte[] address, int length)
    {
        var bytes = (byte[])address.Clone();
        for (var bit = length; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        }

        return new IPNetwork(new IPAddress(bytes), length);
    }

    private static NetworkRules Rules(params string[] to) => Rules([.. to.Select(one => new SandboxDestination(one))]);

    private static NetworkRules Rules(params SandboxDestination[] to) =>
        NetworkRules.Read(to, SandboxBounds.None, [IPNetwork.Parse("0.0.0.0/0")], out var fault) ?? throw new ArgumentException(fault!.Message);
}
