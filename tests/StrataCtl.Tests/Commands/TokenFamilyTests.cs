using Strata.StrataCtl.Tests.Fakes;

namespace Strata.StrataCtl.Tests.Commands;

public class TokenFamilyTests
{
    private const string Issued = """{"token":"v2.public.x","cap_id":"c1","expires":4102444800}""";
    private const string CapId = "5f0c6a7e9d2b41c8a3e4d5f60718293a";

    private static FakeNode Identity(string method, string result) => new FakeNode("registry", "identity").On(method, result);

    [Fact]
    public async Task Attenuate_sends_only_what_narrows_and_always_the_token()
    {
        await using var node = Identity("identity.attenuate", Issued);
        var run = await CtlRun.Of(
            node, "token", "attenuate", "--token", "v2.public.mine", "--rights", "fs.read", "--ttl", "10m", "--deny", "fs.list,fs.stat", "--max-bytes", "64K", "--quota-bytes", "1G",
            "--read-only", "--uid", "1000", "-q");
        var request = node.Only("identity.attenuate");
        Assert.Equal("v2.public.x\n", run.Output);
        Assert.Equal(
            """{"rights":["fs.read"],"ttl_seconds":600,"methods_denied":["fs.list","fs.stat"],"max_bytes":65536,"quota_bytes":1073741824,"read_only":true,"uid":1000}""",
            request.Params.GetRawText());
        Assert.Equal("v2.public.mine", request.Token);
    }

    [Fact]
    public async Task Renew_sends_the_lifetime_that_was_asked_for()
    {
        await using var node = Identity("identity.renew", Issued);
        var run = await CtlRun.Of(node, "token", "renew", "--token", "v2.public.mine", "--ttl", "1h");
        Assert.Equal("""{"ttl_seconds":3600}""", node.Only("identity.renew").Params.GetRawText());
        Assert.Contains("cap_id   c1\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Issue_by_template_names_no_more_than_was_given()
    {
        await using var node = Identity("identity.issue", Issued);
        await CtlRun.Of(node, "token", "issue", "--template", "agent-readonly", "--subject", "agent-7");
        Assert.Equal("""{"subject":"agent-7","template":"agent-readonly"}""", node.Only("identity.issue").Params.GetRawText());
    }

    [Fact]
    public async Task Issue_without_a_service_or_template_is_a_slip()
    {
        await using var node = Identity("identity.issue", Issued);
        var run = await CtlRun.Of(node, "token", "issue", "--rights", "fs.read");
        Assert.Equal(2, run.Code);
        Assert.Contains("--template", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_shows_a_table()
    {
        await using var node = Identity(
            "identity.list",
            $$"""{"capabilities":[{"cap_id":"{{CapId}}","subject":"alice","service":"fs","issued":"2100-01-01T00:00:00Z","expires":"2100-01-01T01:00:00Z","revoked":true,"template":"agent"}]}""");
        var run = await CtlRun.Of(node, "token", "list", "--subject", "alice");
        Assert.Equal("""{"subject":"alice","limit":500}""", node.Only("identity.list").Params.GetRawText());
        Assert.Matches($"{CapId} +alice +fs +in .+ +revoked +- +agent", run.Output);
    }

    [Fact]
    public async Task Show_of_an_id_asks_the_account_and_ends_with_1_when_it_is_revoked()
    {
        await using var node = Identity(
            "identity.show",
            $$"""{"cap_id":"{{CapId}}","subject":"alice","service":"fs","issued":"2100-01-01T00:00:00Z","expires":"2100-01-01T01:00:00Z","revoked":true,"kid":"k","derived":0,"chain":["aa","bb"],"constraints":{"uid":7} }""")
            .On("identity.show", request => request.Text("cap_id") == CapId
                ? FakeAnswer.Result($$"""{"cap_id":"{{CapId}}","subject":"alice","service":"fs","issued":"2100-01-01T00:00:00Z","expires":"2100-01-01T01:00:00Z","revoked":true,"kid":"k","derived":0,"chain":["aa","bb"],"constraints":{"uid":7} }""")
                : FakeAnswer.Error(4, "NOT_FOUND", "gone"));
        var run = await CtlRun.Of(node, "token", "show", CapId);
        Assert.Equal(1, run.Code);
        Assert.Contains("\naa\n└─ bb\n   └─ " + CapId + "  alice  revoked  (this one)\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("uid        7\n", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--subject", "alice", """{"subject":"alice"}""")]
    [InlineData("--template", "agent", """{"template":"agent"}""")]
    [InlineData("--key", "k1", """{"key":"k1"}""")]
    [InlineData("--before", "2026-01-31T12:00:00Z", """{"before":"2026-01-31T12:00:00Z"}""")]
    public async Task Revoke_ends_many_by_one_word(string option, string value, string sent)
    {
        await using var node = Identity("identity.revoke", """{"status":"revoked"}""");
        var run = await CtlRun.Of(node, "token", "revoke", option, value);
        Assert.Equal(sent, node.Only("identity.revoke").Params.GetRawText());
        Assert.Equal($"revoked all of {value}\n", run.Output);
    }

    [Fact]
    public async Task Revoke_wants_exactly_one_thing()
    {
        await using var node = Identity("identity.revoke", """{"status":"revoked"}""");
        Assert.Equal(2, (await CtlRun.Of(node, "token", "revoke")).Code);
        Assert.Equal(2, (await CtlRun.Of(node, "token", "revoke", CapId, "--subject", "alice")).Code);
    }

    [Fact]
    public async Task Keys_are_listed_with_the_one_that_signs()
    {
        await using var node = Identity("identity.keys", """
            {"issuer":"identity@local-0","signing":"k2","keys":[{"kid":"k2","version":"v2","public_key":"AA","state":"active","created":"2026-01-31T12:00:00Z"},
            {"kid":"k1","version":"v2","public_key":"BB","state":"retiring","created":"2026-01-30T12:00:00Z","retires":"2026-01-30T13:00:00Z"}]}
            """);
        var output = (await CtlRun.Of(node, "key", "list")).Output;
        Assert.Matches("k2 +v2 +active +yes +2026-01-31T12:00:00Z +- +AA\nk1 +v2 +retiring +no +2026-01-30T12:00:00Z +(now|in .*) +BB", output);
    }

    [Theory]
    [InlineData("{}", "key", "rotate")]
    [InlineData("""{"version":"v4"}""", "key", "rotate", "--only", "v4")]
    public async Task Keys_are_rotated_and_who_lags_is_named(string sent, params string[] arguments)
    {
        await using var node = Identity("identity.rotate", """{"status":"rotated","keys":[{"version":"v4","kid":"kb","previous":"ka","retires":"2026-01-31T12:00:00Z"}],"pending":["fs"]}""");
        var run = await CtlRun.Of(node, arguments);
        Assert.Equal(0, run.Code);
        Assert.Equal(sent, node.Only("identity.rotate").Params.GetRawText());
        Assert.Contains("kb signs v4; ka verifies on and retires", run.Output, StringComparison.Ordinal);
        Assert.Contains("fs", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0", 0L)]
    [InlineData("64K", 65536L)]
    [InlineData("2T", 2199023255552L)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("9223372036854775807K", null)]
    [InlineData("K", null)]
    [InlineData("-1", null)]
    [InlineData("1.5M", null)]
    [InlineData("64k", null)]
    [InlineData("", null)]
    public void A_size_is_a_whole_number_with_a_unit_at_most(string text, long? bytes) => Assert.Equal(bytes, Strata.StrataCtl.Commands.LimitOptions.ParseSize(text));
}
