using System.Text;

namespace Strata.Ipc.Tests;

public sealed class EnvelopeTests : IDisposable
{
    private readonly SessionDriver _driver = new(new TestMethods().All());

    public void Dispose() => _driver.Dispose();

    public static TheoryData<string, string, string> Malformed => new()
    {
        // What is sent, what the message must name, which id is echoed.
        { """{"v":1,"method":"t.ping"}""", "\"req_id\" is missing", "" },
        { """{"v":1,"req_id":7,"method":"t.ping"}""", "\"req_id\" must be a string", "" },
        { """{"v":1,"req_id":null,"method":"t.ping"}""", "\"req_id\" must be a string", "" },
        { """{"v":1,"req_id":{"a":1},"method":"t.ping"}""", "\"req_id\" must be a string", "" },
        { """{"v":1,"req_id":"","method":"t.ping"}""", "\"req_id\" must have 1 to 256 bytes", "" },
        { """{"req_id":"a","method":"t.ping"}""", "unsupported protocol version", "a" },
        { """{"v":2,"req_id":"a","method":"t.ping"}""", "unsupported protocol version", "a" },
        { """{"v":2,"req_id":"a","method":"t.ping","later":1}""", "unsupported protocol version", "a" },
        { """{"v":"1","req_id":"a","method":"t.ping"}""", "unsupported protocol version", "a" },
        { """{"v":1.0,"req_id":"a","method":"t.ping"}""", "unsupported protocol version", "a" },
        { """{"v":null,"req_id":"a","method":"t.ping"}""", "unsupported protocol version", "a" },
        { """{"v":[1],"req_id":"a","method":"t.ping"}""", "unsupported protocol version", "a" },
        { """{"v":1,"req_id":"a"}""", "\"method\" is missing", "a" },
        { """{"v":1,"req_id":"a","method":5}""", "\"method\" must be a string", "a" },
        { """{"v":1,"req_id":"a","method":""}""", "unknown method: ", "a" },
        { """{"v":1,"req_id":"a","method":"t.nothing"}""", "unknown method: t.nothing", "a" },
        { """{"v":1,"req_id":"a","method":"T.Ping"}""", "unknown method: T.Ping", "a" },
        { """{"v":1,"req_id":"a","method":"t.ping","V":1}""", "unknown field \"V\"", "a" },
        { """{"v":1,"Req_Id":"a","method":"t.ping"}""", "unknown field \"Req_Id\"", "" },
        { """{"v":1,"req_id":"a","method":"t.ping","extra":{"x":[1]}}""", "unknown field \"extra\"", "a" },
        { """{"v":1,"v":1,"req_id":"a","method":"t.ping"}""", "\"v\" is given twice", "a" },
        { """{"v":1,"req_id":"a","req_id":"b","method":"t.ping"}""", "\"req_id\" is given twice", "" },
        { """{"v":1,"req_id":"a","req_id":7,"method":"t.ping"}""", "\"req_id\" is given twice", "" },
        { """{"v":1,"req_id":"a","r\u0065q_id":"b","method":"t.ping"}""", "\"req_id\" is given twice", "" },
        { """{"v":1,"req_id":"a","method":"t.ping","method":"t.ping"}""", "\"method\" is given twice", "a" },
        { """{"v":1,"req_id":"a","method":"t.ping","params":{},"params":{}}""", "\"params\" is given twice", "a" },
        { """{"v":1,"req_id":"a","method":"t.ping","auth":{"token":"x","token":"y"}}""", "\"auth.token\" is given twice", "a" },
        { """{"v":1,"req_id":"a","method":"t.ping","auth":{"Token":"x"}}""", "unknown field \"auth.Token\"", "a" },
        { """{"v":1,"req_id":"a","method":"t.ping","auth":"x"}""", "\"auth\" must be an object", "a" },
        { """{"v":1,"req_id":"a","method":"t.ping","auth":{"token":5}}""", "\"auth.token\" must be a string", "a" },
        { Proof("""{"time":1,"sig":"$sig"}""").Replace("\"token\":\"x\",", "", StringComparison.Ordinal), "\"auth.proof\" proves nothing without \"auth.token\"", "a" },
        { Proof("""{"time":1,"sig":"$sig"},"proof":{"time":1,"sig":"$sig"}"""), "\"auth.proof\" is given twice", "a" },
        { Proof("\"$sig\""), "\"auth.proof\" must be an object", "a" },
        { Proof("[]"), "\"auth.proof\" must be an object", "a" },
        { Proof("null"), "\"auth.proof\" must be an object", "a" },
        { Proof("{}"), "\"auth.proof.time\" is missing", "a" },
        { Proof("""{"sig":"$sig"}"""), "\"auth.proof.time\" is missing", "a" },
        { Proof("""{"time":1}"""), "\"auth.proof.sig\" is missing", "a" },
        { Proof("""{"time":1,"time":2,"sig":"$sig"}"""), "\"auth.proof.time\" is given twice", "a" },
        { Proof("""{"time":1,"sig":"$sig","s\u0069g":"$sig"}"""), "\"auth.proof.sig\" is given twice", "a" },
        { Proof("""{"time":1,"sig":"$sig","kid":{"x":[1]}}"""), "unknown field \"auth.proof.kid\"", "a" },
        { Proof("""{"Time":1,"sig":"$sig"}"""), "unknown field \"auth.proof.Time\"", "a" },
        { Proof("""{"time":"1","sig":"$sig"}"""), "\"auth.proof.time\" must be a whole number", "a" },
        { Proof("""{"time":0,"sig":"$sig"}"""), "\"auth.proof.time\" must be a whole number", "a" },
        { Proof("""{"time":-1,"sig":"$sig"}"""), "\"auth.proof.time\" must be a whole number", "a" },
        { Proof("""{"time":1.0,"sig":"$sig"}"""), "\"auth.proof.time\" must be a whole number", "a" },
        { Proof("""{"time":1e3,"sig":"$sig"}"""), "\"auth.proof.time\" must be a whole number", "a" },
        { Proof("""{"time":9007199254740992,"sig":"$sig"}"""), "\"auth.proof.time\" must be a whole number", "a" },
        { Proof("""{"time":[1],"sig":"$sig"}"""), "\"auth.proof.time\" must be a whole number", "a" },
        { Proof("""{"time":1,"sig":5}"""), "\"auth.proof.sig\" must be a string", "a" },
        { Proof("""{"time":1,"sig":""}"""), "\"auth.proof.sig\" must be a signature", "a" },
        { Proof("""{"time":1,"sig":"$sigA"}"""), "\"auth.proof.sig\" must be a signature", "a" },
        { Proof("""{"time":1,"sig":"$sig=="}"""), "\"auth.proof.sig\" must be a signature", "a" },
        { Proof("""{"time":1,"sig":"$sig"}""").Replace("AA\"", "AB\"", StringComparison.Ordinal), "\"auth.proof.sig\" must be a signature", "a" },
        { Proof("""{"time":1,"sig":"$sig"}""").Replace("AAA\"", "A+A\"", StringComparison.Ordinal), "\"auth.proof.sig\" must be a signature", "a" },
        { Proof("""{"time":1,"sig":"$sig"}""").Replace("AAA\"", "A\\ud83dA\"", StringComparison.Ordinal), "half of a surrogate pair", "a" },
        { """{"v":1,"req_id":"a","method":"t.ping","params":[]}""", "\"params\" must be an object", "a" },
        { """{"v":1,"req_id":"a","method":"t.ping","params":"x"}""", "\"params\" must be an object", "a" },
        { """{"v":1,"req_id":"a","method":"t.ping","deadline_ms":0}""", "\"deadline_ms\" must be a whole number from 1 to 3600000", "a" },
        { """{"v":1,"req_id":"a","method":"t.ping","deadline_ms":3600001}""", "\"deadline_ms\"", "a" },
        { """{"v":1,"req_id":"a","method":"t.ping","deadline_ms":1.5}""", "\"deadline_ms\"", "a" },
        { """{"v":1,"req_id":"a","method":"t.ping","deadline_ms":"5"}""", "\"deadline_ms\"", "a" },
        { """{"v":1,"req_id":"a","method":"t.ping","more":1}""", "\"more\" must be true or false", "a" },
        { """{"v":1,"req_id":"a","method":"t.ping","more":true}""", "t.ping does not stream", "a" },
        { """[]""", "a request is a JSON object", "" },
        { """7""", "a request is a JSON object", "" },
        { """ """, "not valid JSON", "" },
        { """{"v":1,"req_id":"a","method":"t.ping",}""", "not valid JSON", "a" },
        { """{"v":1,"req_id":"a","method":"t.ping"} x""", "not valid JSON", "a" },
        { """{"v":1,"req_id":"a","method":"t.ping"}{}""", "not valid JSON", "a" },
        { """{"v":1,"req_id":"a","method":"t.ping" /* no */}""", "not valid JSON", "a" },
        { """{"v":1,"req_id":"a","method":"t.echo","params":{"text":"\ud800"}}""", "half of a surrogate pair", "a" },
        { """{"v":1,"req_id":"a","method":"t.echo","params":{"text":"\udc00\ud800"}}""", "half of a surrogate pair", "a" },
        { """{"v":1,"req_id":"a","method":"t.all","params":{"name":"n","count":1,"extra":[{"deep":"x\udfff"}]}}""", "half of a surrogate pair", "a" },
        { """{"v":1,"req_id":"a","method":"t.all","params":{"extra":{"\ud83d":1}}}""", "half of a surrogate pair", "a" },
        { """{"v":1,"req_id":"a\ud83d","method":"t.ping"}""", "half of a surrogate pair", "" },
        { """{"v":1,"req_id":"a\ud83d","method":"t.ping",}""", "not valid JSON", "" },
        { """{"v":1,"req_id":"a","method":"\ud83d"}""", "half of a surrogate pair", "a" },
        { """{"v":1,"req_id":"a","method":"t.ping","auth":{"token":"\udead"}}""", "half of a surrogate pair", "a" },
        { """{"v":1,"req_id":"a","\ud800_and_more":1,"method":"t.ping"}""", "half of a surrogate pair", "a" },
        { """{"v":1,"req_id":"a","auth":{"\ud800_and_more":1},"method":"t.ping"}""", "half of a surrogate pair", "a" },
    };

    [Fact]
    public void A_proof_is_handed_on_as_it_came()
    {
        var payload = Encoding.UTF8.GetBytes(Proof("""{"sig":"$sig","time":9007199254740991}""").Replace("\"params\":{}", "\"params\" : { \"a\" : 1 } ", StringComparison.Ordinal));
        RequestEnvelope envelope = default;

        Assert.Null(EnvelopeReader.Read(payload, IpcLimits.Default, ref envelope));
        Assert.Equal(RequestProof.MaxTimeMs, envelope.Proof.TimeMs);
        Assert.Equal(new string('A', 86), Encoding.UTF8.GetString(envelope.Proof.Signature));
        Assert.Equal("{ \"a\" : 1 }", Encoding.UTF8.GetString(envelope.Params));
    }

    [Theory]
    [MemberData(nameof(Malformed))]
    public void A_malformed_request_is_answered_by_name_and_the_connection_stays_usable(string json, string named, string id)
    {
        var answer = _driver.Call(json);
        answer.AssertError(ErrorCode.InvalidArgument, named);
        Assert.Equal(id, answer.Id());
        Assert.True(_driver.Call("t.echo", """{"text":"still here"}""").IsOk());
    }

    [Theory]
    [InlineData(new byte[] { 0xff })]
    [InlineData(new byte[] { 0xc0, 0x80 })] // overlong
    [InlineData(new byte[] { 0xed, 0xa0, 0x80 })] // a surrogate in UTF-8
    [InlineData(new byte[] { 0xf4, 0x90, 0x80, 0x80 })] // above the last code point
    public void Invalid_UTF8_is_refused_wherever_it_stands(byte[] bad)
    {
        byte[] payload = [.. "{\"v\":1,\"req_id\":\"a\",\"method\":\"t.echo\",\"params\":{\"text\":\""u8, .. bad, .. "\"}}"u8];
        _driver.Session.Receive(SessionDriver.Frame(payload));
        _driver.Next().AssertError(ErrorCode.InvalidArgument, "not valid UTF-8");
        Assert.True(_driver.Call("t.ping", "{}").IsOk());
    }

    [Fact]
    public void A_whole_surrogate_pair_is_a_character()
    {
        var answer = _driver.Call("t.echo", """{"text":"\ud83d\ude00 \\ud800"}""");
        Assert.Equal("😀 \\ud800", answer.Result().GetProperty("text").GetString());
    }

    [Fact]
    public void A_request_may_nest_to_the_limit_and_no_deeper()
    {
        string Nested(int levels) => """{"v":1,"req_id":"a","method":"t.all","params":{"name":"n","count":1,"extra":"""
            + new string('[', levels - 2) + new string(']', levels - 2) + "}}";

        Assert.True(_driver.Call(Nested(_driver.Limits.MaxDepth)).IsOk());
        _driver.Call(Nested(_driver.Limits.MaxDepth + 1)).AssertError(ErrorCode.InvalidArgument, "nested deeper than 16 levels");
        _driver.Call(Nested(100_000)).AssertError(ErrorCode.InvalidArgument, "nested deeper than 16 levels");
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("with \\u0065scapes \\n \\\"quoted\\\" \\ud83d\\ude00")]
    [InlineData("žluťoučký 😀")]
    public void The_id_is_echoed_as_it_came(string id)
    {
        _driver.Receive($$"""{"v":1,"req_id":"{{id}}","method":"t.ping"}""");
        Assert.Contains($"\"req_id\":\"{id}\"", Encoding.UTF8.GetString(_driver.Session.Output.Unsent.Span), StringComparison.Ordinal);
    }

    [Fact]
    public void Ids_methods_and_tokens_have_bounds_in_bytes()
    {
        string With(string id, string method, string token) =>
            $$$"""{"v":1,"req_id":"{{{id}}}","method":"{{{method}}}","auth":{"token":"{{{token}}}"}}""";

        Assert.True(_driver.Call(With(new string('i', 256), "t.ping", new string('t', 8192))).IsOk());
        _driver.Call(With(new string('i', 257), "t.ping", "t")).AssertError(ErrorCode.InvalidArgument, "\"req_id\"");
        _driver.Call(With(new string('é', 129), "t.ping", "t")).AssertError(ErrorCode.InvalidArgument, "\"req_id\"");
        _driver.Call(With("i", new string('m', 128), "t")).AssertError(ErrorCode.InvalidArgument, "unknown method: mmm");
        _driver.Call(With("i", new string('m', 129), "t")).AssertError(ErrorCode.InvalidArgument, "\"method\" is longer than 128 bytes");
        _driver.Call(With("i", "t.ping", new string('t', 8193))).AssertError(ErrorCode.InvalidArgument, "\"auth.token\" is longer than 8192 bytes");
    }

    [Fact]
    public void What_a_message_repeats_is_escaped_and_cut()
    {
        var message = _driver.Call($$"""{"v":1,"req_id":"a","method":"t.\n\"{{new string('m', 100)}}"}""").Message();
        Assert.StartsWith("unknown method: t.%0a%22mmm", message, StringComparison.Ordinal);
        Assert.EndsWith("...", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Escapes_in_keys_and_method_are_read_as_what_they_stand_for() =>
        Assert.True(_driver.Call("""{"\u0076":1,"req_id":"a","method":"t.\u0070ing","params":null}""").IsOk());

    private static string Proof(string proof) =>
        """{"v":1,"req_id":"a","method":"t.ping","auth":{"token":"x","proof":$proof},"params":{}}"""
            .Replace("$proof", proof, StringComparison.Ordinal).Replace("$sig", new string('A', 86), StringComparison.Ordinal);
}
