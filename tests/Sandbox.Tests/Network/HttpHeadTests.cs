using System.Text;

namespace Strata.Sandbox.Tests;

public sealed class HttpHeadTests
{
    [Fact]
    public void A_request_for_a_url_names_its_destination_and_is_sent_for_itself_alone()
    {
        var request = Read("GET http://Example.org:8080/a?b=c HTTP/1.1\r\nHost: example.ORG:8080\r\nProxy-Authorization: Basic eA==\r\nConnection: keep-alive, X-Drop\r\nX-Drop: 1\r\nUpgrade: h2c\r\nX-Keep: \u00e4\r\n\r\n");
        Assert.Equal(new Destination("example.org", null, 8080), request.To);
        Assert.Equal("GET /a?b=c HTTP/1.1\r\nHost: example.org:8080\r\nConnection: close\r\nX-Keep: \u00e4\r\n\r\n", request.ToServer(value => value));
    }

    [Theory]
    [InlineData("127.0.0.1:3128")]
    [InlineData("evil.example")]
    [InlineData("example.org:81")]
    public void Whatever_host_is_named_beside_it_the_target_is_asked_and_told_its_own(string host)
    {
        var request = Read($"GET http://example.org/ HTTP/1.1\r\nHost: {host}\r\n\r\n");
        Assert.Equal(("example.org", 80), (request.To.Name, request.To.Port));
        Assert.Equal("GET / HTTP/1.1\r\nHost: example.org\r\nConnection: close\r\n\r\n", request.ToServer(value => value));
        Assert.Equal(new Destination("example.org", null, 443), Read($"CONNECT example.org:443 HTTP/1.1\r\nHost: {host}\r\n\r\n").To);
    }

    [Theory]
    [InlineData("GET http://example.org HTTP/1.1\r\nHost: example.org\r\n\r\n", "/", 80)]
    [InlineData("GET http://example.org?x HTTP/1.1\r\nHost: example.org:80\r\n\r\n", "/?x", 80)]
    [InlineData("GET HTTPS://example.org/ HTTP/1.0\r\n\r\n", "/", 443)]
    [InlineData("CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n", "", 443)]
    public void Ports_and_paths_may_be_left_out(string text, string path, int port)
    {
        var request = Read(text);
        Assert.Equal(("example.org", port, path), (request.To.Name, request.To.Port, request.Path));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n")]
    [InlineData("GET ftp://example.org/ HTTP/1.1\r\nHost: example.org\r\n\r\n")]
    [InlineData("GET http://example.org/ HTTP/1.1\r\nHost: example.org\r\nHost: evil.example\r\n\r\n")]
    [InlineData("GET http://example.org/ HTTP/1.1\r\nHost: example.org\r\nhost: example.org\r\n\r\n")]
    [InlineData("GET http://example.org/ HTTP/1.1\r\n\r\n")]
    [InlineData("GET http://user@example.org/ HTTP/1.1\r\nHost: example.org\r\n\r\n")]
    [InlineData("GET http://example.org:80@evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n")]
    [InlineData("GET http://example.org\\@evil.example/ HTTP/1.1\r\nHost: example.org\r\n\r\n")]
    [InlineData("GET http://example.org#@evil.example/ HTTP/1.1\r\nHost: example.org\r\n\r\n")]
    [InlineData("GET http:///x HTTP/1.1\r\nHost: example.org\r\n\r\n")]
    [InlineData("GET http://example.org/\tx HTTP/1.1\r\nHost: example.org\r\n\r\n")]
    [InlineData("GET  http://example.org/ HTTP/1.1\r\nHost: example.org\r\n\r\n")]
    [InlineData("GET http://example.org/ HTTP/2.0\r\nHost: example.org\r\n\r\n")]
    [InlineData("GET http://example.org/ HTTP/1.1\r\nHost: example.org\r\n folded: x\r\n\r\n")]
    [InlineData("GET http://example.org/ HTTP/1.1\r\nHost : example.org\r\n\r\n")]
    [InlineData("GET http://example.org/ HTTP/1.1\r\nHost: example.org\nX: y\r\n\r\n")]
    [InlineData("GET http://example.org/ HTTP/1.1\r\nHost: example.org\r\nX: a\rHost: evil\r\n\r\n")]
    [InlineData("GET http://example.org/ HTTP/1.1\r\nHost: example.org\r\nX: a\0b\r\n\r\n")]
    [InlineData("POST http://example.org/ HTTP/1.1\r\nHost: example.org\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData("POST http://example.org/ HTTP/1.1\r\nHost: example.org\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n")]
    [InlineData("POST http://example.org/ HTTP/1.1\r\nHost: example.org\r\nContent-Length: 1, 1\r\n\r\n")]
    [InlineData("POST http://example.org/ HTTP/1.1\r\nHost: example.org\r\nContent-Length: +1\r\n\r\n")]
    [InlineData("POST http://example.org/ HTTP/1.1\r\nHost: example.org\r\nContent-Length: 0x1\r\n\r\n")]
    [InlineData("POST http://example.org/ HTTP/1.1\r\nHost: example.org\r\nTransfer-Encoding: xchunked\r\n\r\n")]
    [InlineData("POST http://example.org/ HTTP/1.1\r\nHost: example.org\r\nTransfer-Encoding: gzip, chunked\r\n\r\n")]
    [InlineData("POST http://example.org/ HTTP/1.1\r\nHost: example.org\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n")]
    [InlineData("POST http://example.org/ HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData("TRACE http://example.org/ HTTP/1.1\r\nHost: example.org\r\n\r\n")]
    [InlineData("CONNECT example.org HTTP/1.1\r\nHost: example.org\r\n\r\n")]
    [InlineData("CONNECT http://example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n")]
    [InlineData("CONNECT user@example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n")]
    [InlineData("CONNECT example.org:443/ HTTP/1.1\r\nHost: example.org\r\n\r\n")]
    public void What_could_be_read_in_two_ways_is_refused(string text) => Assert.Throws<NetworkFault>(() => Read(text));

    [Fact]
    public void Fields_have_their_greatest_number()
    {
        string Of(int count) => "GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\n" + string.Concat(Enumerable.Range(1, count - 1).Select(i => $"X{i}: y\r\n")) + "\r\n";
        Assert.Equal(HttpHead.MaxFields, Read(Of(HttpHead.MaxFields)).Head.Fields.Count);
        Assert.Throws<NetworkFault>(() => Read(Of(HttpHead.MaxFields + 1)));
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("1f", 31)]
    [InlineData("A;name=value", 10)]
    public void A_chunk_begins_with_its_size(string line, long size) => Assert.Equal(size, ChunkLine.Parse(Encoding.Latin1.GetBytes(line)));

    [Theory]
    [InlineData("")]
    [InlineData(" 1")]
    [InlineData("0x1")]
    [InlineData("-1")]
    [InlineData("1\n")]
    [InlineData("1 2")]
    [InlineData("1000000000000000")]
    public void Anything_else_is_no_size(string line) => Assert.Throws<NetworkFault>(() => ChunkLine.Parse(Encoding.Latin1.GetBytes(line)));

    [Fact]
    public void Whatever_bytes_come_a_head_is_read_or_refused_and_what_is_sent_is_one_head()
    {
        var random = new Random(3);
        var good = Encoding.Latin1.GetBytes("POST http://example.org/x HTTP/1.1\r\nHost: example.org\r\nContent-Length: 3\r\nX-Y: z\r\n\r\n");
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = (byte[])good.Clone();
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                bytes[random.Next(bytes.Length)] = (byte)"\r\n :@/\0\tAz,;"[random.Next(12)];
            }

            if (HttpHead.LengthIn(bytes) is not { } length)
            {
                continue;
            }

            try
            {
                var request = ProxyRequest.Of(HttpHead.Parse(bytes.AsSpan(0, length)));
                if (!request.IsTunnel)
                {
                    var sent = HttpHead.Parse(Encoding.Latin1.GetBytes(request.ToServer(value => value)));
                    Assert.Equal(request.To, Destination.Parse(Assert.Single(sent.Values("host")), 80));
                }
            }
            catch (NetworkFault)
            {
                // Refused.
            }
        }
    }

    internal static ProxyRequest Read(string text)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        Assert.Equal(bytes.Length, HttpHead.LengthIn(bytes));
        return ProxyRequest.Of(HttpHead.Parse(bytes));
    }
}
