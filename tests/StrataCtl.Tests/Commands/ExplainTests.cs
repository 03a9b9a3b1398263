using Strata.StrataCtl.Tests.Fakes;

namespace Strata.StrataCtl.Tests.Commands;

public class ExplainTests
{
    private const string Denied =
        """
        {"method":"fs.write","allowed":false,"view":"caller","reason":"right_missing","checks":[{"check":"token","outcome":"passed"},{"check":"uid","outcome":"not_applicable"},
        {"check":"right","outcome":"failed","reason":"right_missing","capability":"fs.open, fs.\u001bread","request":"fs.write","needs":"ask the issuer for a capability with the right fs.write"},
        {"check":"path","outcome":"not_reached"}]}
        """;

    private const string Allowed = """{"method":"fs.list","allowed":true,"view":"full","checks":[{"check":"token","outcome":"passed"}]}""";

    private static FakeNode Fs(string result) => new FakeNode("registry", "fs").On("policy.explain", result);

    [Fact]
    public async Task A_denial_is_told_check_by_check_with_what_would_have_to_change()
    {
        await using var node = Fs(Denied);
        var run = await CtlRun.Of(node, "explain", "--token", "T", "fs.write", """{"handle":"h"}""");
        Assert.Equal((1, ""), (run.Code, run.Error));
        Assert.Equal(
            """
            fs.write would be denied: right_missing
                CHECK  CAPABILITY            REQUEST
            ok  token
            NO  right  fs.open, fs.\x1bread  fs.write
            -   path
            right: ask the issuer for a capability with the right fs.write
            this is what a caller may know; an authority of the node, or a token with the right policy.explain, sees every check

            """.ReplaceLineEndings("\n"),
            run.Output);
        var asked = node.Only("policy.explain");
        Assert.Equal("""{"method":"fs.write","params":{"handle":"h"},"token":"T"}""", asked.Params.GetRawText());
        // The token asked about is no authority of the one who asks.
        Assert.Null(asked.Token);
    }

    [Fact]
    public async Task The_token_may_come_from_standard_input_and_the_exit_code_says_allowed()
    {
        await using var node = Fs(Allowed);
        var run = await CtlRun.Of(node, new CtlSettings { Input = "v2.public.abc\n" }, "explain", "--token-file", "-", "fs.list", "--json", "--uid", "1000");
        Assert.Equal((0, "full"), (run.Code, run.Json.GetProperty("view").GetString()));
        Assert.Equal("""{"method":"fs.list","token":"v2.public.abc","uid":1000}""", node.Only("policy.explain").Params.GetRawText());
    }

    [Fact]
    public async Task Ones_own_token_goes_beside_the_one_asked_about()
    {
        await using var node = Fs(Allowed);
        using var directory = new TempDirectory();
        var own = Path.Join(directory.Path, "own");
        await File.WriteAllTextAsync(own, "mine");
        await CtlRun.Of(node, "explain", "--token", "T", "--as-token-file", own, "fs.list");
        Assert.Equal(("mine", "T"), (node.Only("policy.explain").Token, node.Only("policy.explain").Text("token")));
    }

    [Fact]
    public async Task Every_form_of_a_call_of_it_goes_to_the_service_asked_about()
    {
        await using var node = Fs(Allowed);
        Assert.Equal(0, (await CtlRun.Of(node, "policy.explain", """{"method":"fs.list"}""")).Code);
        Assert.Equal(0, (await CtlRun.Of(node, "call", "policy.explain", """{"method":"fs.list"}""")).Code);
    }

    [Fact]
    public async Task A_reason_code_is_explained_without_a_node()
    {
        await using var node = new FakeNode();
        var run = await CtlRun.Of(node, "explain", "bad_signature");
        Assert.Equal(0, run.Code);
        Assert.Contains("error    UNAUTHENTICATED\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("told     in the audit log alone\n", run.Output, StringComparison.Ordinal);
        Assert.Equal("right_missing", (await CtlRun.Of(node, "explain", "right_missing", "--json")).Json.GetProperty("reason").GetString());
        var wrong = await CtlRun.Of(node, "explain", "nonsense");
        Assert.Equal((2, true), (wrong.Code, wrong.Error.Contains("neither a method", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("{")]
    public async Task Params_that_are_no_object_are_refused_before_anybody_is_asked(string json)
    {
        await using var node = Fs(Allowed);
        Assert.Equal(2, (await CtlRun.Of(node, "explain", "--token", "T", "fs.list", json)).Code);
        Assert.Empty(node.Requests);
    }
}
