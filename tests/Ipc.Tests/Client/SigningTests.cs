using System.Text;

namespace Strata.Ipc.Tests;

/// <summary>What a client signs is what the service sees.</summary>
public sealed class SigningTests
{
    private readonly List<(string Method, string ReqId, string Params, string Token, bool Streams)> _signed = [];

    [Theory]
    [InlineData("plain", """{"a":1}""")]
    [InlineData("žluť \" \\ 😀 \n", """{"text":"\u0041 😀"}""")]
    [InlineData("1", " \t{ \"a\" : 1 }\r\n")]
    [InlineData("1", "null")]
    [InlineData("1", "")]
    public void A_service_sees_what_was_signed(string reqId, string parameters)
    {
        var request = new RpcRequest("t.echo") { Params = Encoding.UTF8.GetBytes(parameters), Token = "v2.public.x", Signer = Sign };
        var frame = request.ToFrame(reqId, more: true);
        RequestEnvelope seen = default;

        Assert.Null(EnvelopeReader.Read(frame.AsSpan(OutputBuffer.HeaderBytes), IpcLimits.Default, ref seen));
        var (method, id, signedParams, token, streams) = Assert.Single(_signed);
        Assert.Equal(Encoding.UTF8.GetString(seen.Method), method);
        Assert.Equal(Encoding.UTF8.GetString(seen.ReqIdRaw), id);
        Assert.Equal(Encoding.UTF8.GetString(seen.Params), signedParams);
        Assert.Equal(Encoding.UTF8.GetString(seen.Token), token);
        Assert.Equal(seen.More, streams);
        Assert.Equal(7, seen.Proof.TimeMs);
        Assert.Equal(new string('A', 86), Encoding.UTF8.GetString(seen.Proof.Signature));
    }

    [Fact]
    public void Without_a_token_there_is_nothing_to_prove()
    {
        var frame = new RpcRequest("t.echo") { Signer = Sign }.ToFrame("1");

        Assert.DoesNotContain("proof", Encoding.UTF8.GetString(frame), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_two_signed_requests_have_one_id()
    {
        var (near, far) = DuplexStream.Pair();
        await using var server = new SessionServer(far, new TestMethods().All());
        await using var client = new RpcClient(near, "/run/t.sock");
        for (var i = 0; i < 10; i++)
        {
            await client.SendAsync(RpcRequest.Of("t.echo", new TextParams("x"), TestJson.Default.TextParams, "token") with { Signer = Sign });
        }

        Assert.Equal(10, _signed.Select(s => s.ReqId).Distinct().Count());
        Assert.All(_signed, s => Assert.Equal(32, s.ReqId.Length));
    }

    private (long TimeMs, string Signature) Sign(string method, ReadOnlySpan<byte> reqId, ReadOnlySpan<byte> parameters, string token, bool streams)
    {
        _signed.Add((method, Encoding.UTF8.GetString(reqId), Encoding.UTF8.GetString(parameters), token, streams));
        return (7, new string('A', 86));
    }
}
