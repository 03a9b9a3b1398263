using System.Net;
using System.Text;

namespace Strata.Sandbox.Tests;

public sealed class SocksMessageTests
{
    [Fact]
    public void Nobody_is_asked_who_it_is_but_who_insists_may_say_it()
    {
        Assert.Equal((3, (byte)0), SocksMessage.ReadGreeting([5, 1, 0]));
        Assert.Equal((4, (byte)0), SocksMessage.ReadGreeting([5, 2, 2, 0]));
        Assert.Equal((3, (byte)2), SocksMessage.ReadGreeting([5, 1, 2, 99]));
        Assert.Equal((3, byte.MaxValue), SocksMessage.ReadGreeting([5, 1, 1]));
        Assert.Equal(7, SocksMessage.ReadPassword([1, 2, 65, 66, 2, 67, 68]));
    }

    [Fact]
    public void A_request_names_an_address_or_a_name()
    {
        Assert.Equal((10, new Destination(null, IPAddress.Parse("192.0.2.1"), 443)), SocksMessage.ReadRequest([5, 1, 0, 1, 192, 0, 2, 1, 1, 187]));
        Assert.Equal((22, new Destination(null, IPAddress.Parse("2a00::1"), 80)), SocksMessage.ReadRequest([5, 1, 0, 4, .. IPAddress.Parse("2a00::1").GetAddressBytes(), 0, 80]));
        Assert.Equal((18, new Destination("example.org", null, 80)), SocksMessage.ReadRequest([5, 1, 0, 3, 11, .. "Example.ORG"u8, 0, 80]));
        // The same address in four dresses.
        var loopback = new Destination(null, IPAddress.Loopback, 80);
        Assert.Equal(loopback, SocksMessage.ReadRequest([5, 1, 0, 4, .. IPAddress.Parse("::ffff:127.0.0.1").GetAddressBytes(), 0, 80])!.Value.To);
        Assert.Equal(loopback, SocksMessage.ReadRequest([5, 1, 0, 3, 9, .. "127.0.0.1"u8, 0, 80])!.Value.To);
        Assert.Equal(loopback, SocksMessage.ReadRequest([5, 1, 0, 3, 16, .. "::ffff:127.0.0.1"u8, 0, 80])!.Value.To);
        Assert.Equal(loopback, SocksMessage.ReadRequest([5, 1, 0, 3, 18, .. "[::ffff:127.0.0.1]"u8, 0, 80])!.Value.To);
    }

    [Fact]
    public void What_is_not_whole_is_waited_for()
    {
        byte[] whole = [5, 1, 0, 3, 11, .. "example.org"u8, 0, 80];
        for (var length = 0; length < whole.Length; length++)
        {
            Assert.Null(SocksMessage.ReadRequest(whole.AsSpan(0, length)));
        }

        Assert.Null(SocksMessage.ReadGreeting([5]));
        Assert.Null(SocksMessage.ReadGreeting([5, 2, 0]));
        Assert.Null(SocksMessage.ReadPassword([1, 1, 65, 1]));
    }

    [Theory]
    [InlineData(2, 7)]
    [InlineData(3, 7)]
    public void Only_connections_are_made(byte command, byte status) =>
        Assert.Equal(status, SocksMessage.StatusOf(Assert.Throws<SocksFault>(() => SocksMessage.ReadRequest([5, command, 0, 1, 1, 2, 3, 4, 0, 80]))));

    [Fact]
    public void Other_kinds_and_versions_are_refused()
    {
        Assert.Equal(8, SocksMessage.StatusOf(Assert.Throws<SocksFault>(() => SocksMessage.ReadRequest([5, 1, 0, 2, 1, 2, 3]))));
        Assert.Throws<NetworkFault>(() => SocksMessage.ReadGreeting([4, 1, 0, 80]));
        Assert.Throws<NetworkFault>(() => SocksMessage.ReadGreeting("GET http"u8));
    }

    [Theory]
    [InlineData("127.1")]
    [InlineData("0x7f000001")]
    [InlineData("a@b.example")]
    [InlineData("a\0.example")]
    [InlineData("")]
    public void A_name_that_is_none_is_refused(string name) =>
        Assert.Throws<NetworkFault>(() => SocksMessage.ReadRequest([5, 1, 0, 3, (byte)name.Length, .. Encoding.ASCII.GetBytes(name), 0, 80]));

    [Fact]
    public void Port_zero_is_none() => Assert.Throws<NetworkFault>(() => SocksMessage.ReadRequest([5, 1, 0, 1, 8, 8, 8, 8, 0, 0]));
}
