using System.Net;

namespace Strata.Sandbox.Tests;

public sealed class HostTextTests
{
    [Theory]
    [InlineData("Example.ORG", "example.org")]
    [InlineData("example.org.", "example.org")]
    [InlineData("bücher.example", "xn--bcher-kva.example")]
    [InlineData("BÜCHER.example.", "xn--bcher-kva.example")]
    [InlineData("a_b.example", "a_b.example")]
    [InlineData("localhost", "localhost")]
    public void A_name_has_one_spelling(string text, string name) => Assert.Equal((name, null), HostText.Parse(text));

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("192.0.2.1.", "192.0.2.1")]
    [InlineData("[::1]", "::1")]
    [InlineData("[::ffff:127.0.0.1]", "127.0.0.1")]
    [InlineData("[::FFFF:7f00:1]", "127.0.0.1")]
    public void An_address_has_one_spelling(string text, string address) => Assert.Equal((null, IPAddress.Parse(address)), HostText.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("a..b")]
    [InlineData(".a")]
    [InlineData("a..")]
    [InlineData("-a.example")]
    [InlineData("127.1")]
    [InlineData("2130706433")]
    [InlineData("0x7f.1")]
    [InlineData("0x7f000001")]
    [InlineData("0177.0.0.1")]
    [InlineData("127.0.0.01")]
    [InlineData("127.0.0.256")]
    [InlineData("127.0.0.1.5")]
    [InlineData("example.0x")]
    [InlineData("example.5")]
    [InlineData("[fe80::1%eth0]")]
    [InlineData("[::1")]
    [InlineData("::1")]
    [InlineData("[127.0.0.1]")]
    [InlineData("[]")]
    [InlineData("user@example.org")]
    [InlineData("example.org/path")]
    [InlineData("example.org\\x")]
    [InlineData("example.org\0.evil.example")]
    [InlineData("example.org\r\nHost: evil")]
    [InlineData("exa mple.org")]
    [InlineData("example%2eorg")]
    public void What_programs_read_differently_is_refused(string text) => Assert.Throws<NetworkFault>(() => HostText.Parse(text));

    [Fact]
    public void A_name_and_a_label_have_their_greatest_length()
    {
        var label = new string('a', 63);
        var longest = $"{label}.{label}.{label}.{new string('b', 61)}";
        Assert.Equal(HostText.MaxNameBytes, longest.Length);
        Assert.Equal(longest, HostText.Parse(longest).Name);
        Assert.Throws<NetworkFault>(() => HostText.Parse(longest + "b"));
        Assert.Throws<NetworkFault>(() => HostText.Parse(label + "a.example"));
    }

    [Theory]
    [InlineData("example.org:443", "example.org", 443)]
    [InlineData("[::1]:80", "[::1]", 80)]
    [InlineData("127.0.0.1:65535", "127.0.0.1", 65535)]
    public void A_destination_has_a_host_and_a_port(string text, string host, int port)
    {
        var destination = Destination.Parse(text, defaultPort: null);
        Assert.Equal((host, port), (destination.Host, destination.Port));
        Assert.Equal(text, destination.ToString());
    }

    [Theory]
    [InlineData("example.org")]
    [InlineData("example.org:")]
    [InlineData("example.org:0")]
    [InlineData("example.org:65536")]
    [InlineData("example.org:+80")]
    [InlineData("example.org: 80")]
    [InlineData("example.org:80:80")]
    [InlineData("example.org:000080")]
    [InlineData("[::1]x:80")]
    [InlineData(":80")]
    public void Anything_else_is_none(string text) => Assert.Throws<NetworkFault>(() => Destination.Parse(text, defaultPort: null));

    [Fact]
    public void A_name_read_is_read_as_itself()
    {
        var random = new Random(7);
        const string Letters = "abz09-_.AZxX[]:%@ü";
        for (var i = 0; i < 20_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => Letters[random.Next(Letters.Length)]));
            try
            {
                var (name, address) = HostText.Parse(text);
                Assert.Equal((name, address), HostText.Parse(new Destination(name, address, 1).Host));
            }
            catch (NetworkFault)
            {
                // Refused.
            }
        }
    }
}
