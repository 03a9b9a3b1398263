using Strata.StrataCtl.Tests.Fakes;

namespace Strata.StrataCtl.Tests.Commands;

public class TokenTests
{
    private const string Claims =
        """{"jti":"c1","sub":"backup","iss":"identity@local-0","exp":"2001-01-01T00:00:00Z","service":"fs","rights":["fs.open","fs.read"],"constraints":{"path_prefix":"/srv/\u001bdata"}}""";

    private static FakeNode Identity(string method, string result) => new FakeNode("registry", "identity").On(method, result);

    [Fact]
    public async Task Issue_sends_what_was_asked_for()
    {
        await using var node = Identity("identity.issue", """{"token":"v2.public.x","cap_id":"c1","expires":4102444800}""");
        var run = await CtlRun.Of(
            node, "token", "issue", "--service", "fs", "--rights", "fs.open,fs.read", "--rights", "fs.list", "--prefix", "/srv/../srv/data/", "--ttl", "10m",
            "--rate", "50rps", "--subject", "backup");
        var request = node.Only("identity.issue");
        Assert.Equal(0, run.Code);
        Assert.Equal(
            """{"service":"fs","rights":["fs.open","fs.read","fs.list"],"path_prefix":"/srv/data/","ttl_seconds":600,"rate_limit":"50rps","subject":"backup"}""",
            request.Params.GetRawText());
        Assert.Null(request.Token);
        Assert.Contains("cap_id   c1\nexpires  2100-01-01T00:00:00Z (in ", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Issue_quietly_prints_the_token_and_nothing_else()
    {
        await using var node = Identity("identity.issue", """{"token":"v2.public.x","cap_id":"c1","expires":4102444800}""");
        var run = await CtlRun.Of(node, "token", "issue", "-q", "--service", "fs", "--rights", "fs.open");
        Assert.Equal("v2.public.x\n", run.Output);
    }

    [Theory]
    [InlineData("fs.read", false, false)]
    [InlineData("identity.revoke", false, true)]
    [InlineData("fs.read", true, true)]
    public async Task A_token_in_the_environment_does_not_stand_in_the_way_of_its_owners_authority(string right, bool byOption, bool isSent)
    {
        await using var node = Identity("identity.revoke", """{"status":"revoked"}""");
        var token = FakeToken.Of($$"""{"jti":"c1","rights":["{{right}}"]}""");
        var settings = new CtlSettings { Variables = new() { ["STRATA_TOKEN"] = byOption ? "" : token } };
        string[] option = byOption ? ["--token", token] : [];
        var run = await CtlRun.Of(node, settings, ["token", "revoke", "00112233445566778899aabbccddeeff", .. option]);
        Assert.Equal(0, run.Code);
        Assert.Equal(isSent ? token : null, node.Only("identity.revoke").Token);
    }

    [Theory]
    [InlineData("home:", "home:")]
    [InlineData("home:/reports", "home:/reports")]
    [InlineData("home:reports", "home:/reports")]
    [InlineData("./home:x", null)]
    [InlineData("Home:x", null)]
    public async Task A_prefix_that_begins_with_a_roots_name_is_of_that_root(string given, string? expected)
    {
        await using var node = Identity("identity.issue", """{"token":"t","cap_id":"c","expires":1}""");
        await CtlRun.Of(node, "token", "issue", "--service", "fs", "--rights", "fs.open", "--prefix", given);
        Assert.Equal(expected ?? Path.GetFullPath(given), node.Only("identity.issue").Text("path_prefix"));
    }

    [Fact]
    public async Task A_relative_prefix_is_of_the_callers_folder()
    {
        await using var node = Identity("identity.issue", """{"token":"t","cap_id":"c","expires":1}""");
        await CtlRun.Of(node, "token", "issue", "--service", "fs", "--rights", "fs.open", "--prefix", "data");
        Assert.Equal(Path.Join(Environment.CurrentDirectory, "data"), node.Only("identity.issue").Text("path_prefix"));
    }

    [Fact]
    public async Task Show_prints_the_claims_and_the_verdict_of_identity()
    {
        await using var node = Identity("identity.introspect", """{"active":false,"reason":"expired"}""");
        var run = await CtlRun.Of(node, "token", "show", FakeToken.Of(Claims));
        Assert.Equal(1, run.Code);
        Assert.Contains("verdict      not active: expired\njti          c1\nsub          backup\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("rights       fs.open, fs.read\npath_prefix  /srv/\\x1bdata\n", run.Output, StringComparison.Ordinal);
        Assert.Contains(" ago)", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_takes_the_token_from_the_environment_and_ends_with_0_when_it_is_good()
    {
        await using var node = Identity("identity.introspect", """{"active":true}""");
        var token = FakeToken.Of(Claims);
        var run = await CtlRun.Of(node, new CtlSettings { Variables = new() { ["STRATA_TOKEN"] = token } }, "token", "show", "--json");
        Assert.Equal(0, run.Code);
        Assert.True(run.Json.GetProperty("active").GetBoolean());
        Assert.Equal("c1", run.Json.GetProperty("claims_unverified").GetProperty("jti").GetString());
        Assert.Equal(token, node.Only("identity.introspect").Text("token"));
    }

    [Fact]
    public async Task Show_still_decodes_when_identity_cannot_be_asked()
    {
        await using var node = new FakeNode();
        var run = await CtlRun.Of(node, "token", "show", FakeToken.Of(Claims));
        Assert.Equal(3, run.Code);
        Assert.Contains("verdict      unknown: no socket at", run.Output, StringComparison.Ordinal);
        Assert.Contains("jti          c1\n", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Revoke_takes_an_id_or_a_whole_token(bool whole)
    {
        await using var node = Identity("identity.revoke", """{"status":"revoked"}""");
        var run = await CtlRun.Of(node, "token", "revoke", whole ? FakeToken.Of(Claims) : "c1");
        Assert.Equal((0, "revoked c1\n"), (run.Code, run.Output));
        Assert.Equal("c1", node.Only("identity.revoke").Text("cap_id"));
    }

    [Fact]
    public async Task Whoever_is_no_authority_revokes_with_the_token_of_its_environment_although_that_lacks_the_right()
    {
        var token = FakeToken.Of("""{"jti":"c1","rights":["fs.read"]}""");
        await using var node = new FakeNode("registry", "identity").On("identity.revoke", request => request.Token is null
            ? FakeAnswer.Error(2, "UNAUTHENTICATED", "needs a capability", "missing_token")
            : FakeAnswer.Result("""{"status":"revoked"}"""));

        var run = await CtlRun.Of(node, new CtlSettings { Variables = new() { ["STRATA_TOKEN"] = token } }, ["token", "revoke", "c2"]);

        Assert.Equal((0, "revoked c2\n"), (run.Code, run.Output));
        Assert.Equal([null, token], node.Requests.Where(r => r.Method == "identity.revoke").Select(r => r.Token));
        Assert.NotEqual(0, (await CtlRun.Of(node, "token", "revoke", "c2")).Code);
    }

    [Fact]
    public async Task Revoke_names_the_verifiers_that_have_not_confirmed()
    {
        await using var node = Identity("identity.revoke", """{"status":"revoked","pending":["fs"]}""");
        var run = await CtlRun.Of(node, "token", "revoke", "c1");
        Assert.Equal(0, run.Code);
        Assert.Contains("not confirmed yet", run.Error, StringComparison.Ordinal);
        Assert.Contains(": fs\n", run.Error, StringComparison.Ordinal);
    }
}
