using System.Globalization;
using System.Text;
using Strata.Sandbox;
using static Strata.Fuzz.Tests.BrokenInvariantException;

namespace Strata.Fuzz.Tests;

/// <summary>A request to the HTTP proxy of a sandbox: what goes on to the server is one request, to the very host that was decided on, with one end.</summary>
internal sealed class ProxyRequestTarget : FuzzTarget
{
    internal override string Name => "proxy-request";

    internal override int Costs => 10;

    internal override IReadOnlyList<byte[]> Tokens { get; } = Texts(
        "\r\n", "\r\n\r\n", "\n", "\r", "\0", "GET ", "CONNECT ", "POST ", " HTTP/1.1\r\n", " HTTP/1.0\r\n", "http://", "https://", "example.org", "Host: example.org\r\n", "Host:", "127.0.0.1",
        "[::1]", "[::ffff:127.0.0.1]", "0x7f.1", "127.1", ":80", ":443", ":0", "@", "#", "?", "/", "..", "Transfer-Encoding: chunked\r\n", "Content-Length: 5\r\n", "Content-Length: +5\r\n", "Connection: close, x-a\r\n",
        "X-A: b\r\n", " ", "\t", ",", "chunked", "Upgrade: h2c\r\n", "xn--", ".", "é");

    internal override Outcome Execute(ReadOnlySpan<byte> input)
    {
        if (HttpHead.LengthIn(input) is not { } length)
        {
            return new Outcome(false, "not whole");
        }

        Unless(HttpHead.LengthIn(input[..length]) == length && HttpHead.LengthIn(input[..(length - 1)]) is null, "a head ends elsewhere when less of it is there");
        ProxyRequest request;
        try
        {
            request = ProxyRequest.Of(HttpHead.Parse(input[..length]));
        }
        catch (NetworkFault e)
        {
            return new Outcome(false, e.Message);
        }

        Unless(Destination.Parse(request.To.ToString(), null) == request.To, "a destination is another one when it is read again");
        Unless(request.To.Name is null == request.To.Address is not null && request.To.Address?.IsIPv4MappedToIPv6 is not true, "a destination of two spellings");
        if (!request.IsTunnel)
        {
            AssertOne(request);
            AssertOne(request.OverTls());
        }

        return new Outcome(true, null, (request.IsTunnel ? 1 : 0) + (request.BodyBytes is null ? 2 : request.BodyBytes > 0 ? 4 : 0) + (request.To.Name is null ? 8 : 0) + (request.IsHttps ? 16 : 0));
    }

    private static void AssertOne(ProxyRequest request)
    {
        var sent = Encoding.Latin1.GetBytes(request.ToServer(value => value));
        Unless(HttpHead.LengthIn(sent) == sent.Length, "a second request hides in the first");
        var again = HttpHead.Parse(sent);
        Unless(again.Method == request.Head.Method && again.Target == request.Path && again.Target[0] == '/', "another request is sent than was asked for");
        Unless(Destination.Parse(again.Values("host").Single(), request.IsHttps ? 443 : 80) == request.To, "the server is told another host");
        Unless(again.Values("connection").Single() == "close" && !again.Values("upgrade").Any() && !again.Values("proxy-authorization").Any(), "a field between client and proxy is passed on");
        var (encodings, lengths) = (again.Values("transfer-encoding").ToList(), again.Values("content-length").ToList());
        Unless(encodings.Count + lengths.Count <= 1, "a body has two ends");
        Unless(request.BodyBytes is null == encodings is ["chunked"], "a body in chunks is one for one side alone");
        Unless(lengths is not [var text] || text == request.BodyBytes?.ToString(CultureInfo.InvariantCulture), "a body's length is another one for the server");
        Unless(lengths.Count > 0 || request.BodyBytes is null or 0, "a body's length is not told");
    }
}
