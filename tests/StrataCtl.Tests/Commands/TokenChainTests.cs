using Strata.StrataCtl.Tests.Fakes;
using Strata.StrataCtl.Tokens;

namespace Strata.StrataCtl.Tests.Commands;

public class TokenChainTests
{
    private const string Leaf =
        """
        {"jti":"33","sub":"helper","exp":"2100-01-01T00:10:00Z","service":"fs","rights":["fs.read"],"constraints":{"path_prefix":"/srv/in","rate_limit":"5rps","methods_denied":["fs.list"],"uid":1000},
        "chain":[{"id":"11","sub":"alice","rate_limit":"50rps"},{"id":"22","rate_limit":"5rps"}]}
        """;

    private static FakeNode Identity(Func<FakeRequest, FakeAnswer> show) =>
        new FakeNode("registry", "identity").On("identity.introspect", """{"active":true}""").On("identity.show", show);

    private static FakeAnswer Shown(string id, string subject, string expires, string rights, string constraints) => FakeAnswer.Result(
        $$"""{"cap_id":"{{id}}","subject":"{{subject}}","service":"fs","issued":"2100-01-01T00:00:00Z","expires":"{{expires}}","revoked":false,"kid":"k","derived":2,"rights":[{{rights}}],"constraints":{{constraints}} }""");

    private static FakeAnswer Account(FakeRequest request) => request.Text("cap_id") == "11"
        ? Shown("11", "alice", "2100-01-01T01:00:00Z", "\"fs.open\",\"fs.read\"", """{"path_prefix":"/srv","rate_limit":"50rps"}""")
        : Shown("22", "helper", "2100-01-01T01:00:00Z", "\"fs.open\",\"fs.read\"", """{"path_prefix":"/srv","rate_limit":"5rps"}""");

    [Fact]
    public async Task An_authority_sees_what_each_step_narrowed()
    {
        await using var node = Identity(Account);
        var run = await CtlRun.Of(node, "token", "show", FakeToken.Of(Leaf));
        Assert.Equal(0, run.Code);
        Assert.EndsWith(
            """

            11  alice
               rights: fs.open, fs.read
               path_prefix: /srv
               rate_limit: 50rps
               ends: 2100-01-01T01:00:00Z
            └─ 22  helper
                  rate_limit: 50rps -> 5rps
                  subject: alice -> helper
               └─ 33  helper  (this one)
                     rights: without fs.open
                     methods_denied: fs.list
                     path_prefix: /srv -> /srv/in
                     uid: any -> 1000
                     ends: 2100-01-01T01:00:00Z -> 2100-01-01T00:10:00Z

            """.ReplaceLineEndings("\n"),
            run.Output,
            StringComparison.Ordinal);
        var json = (await CtlRun.Of(node, "token", "show", FakeToken.Of(Leaf), "--json")).Json.GetProperty("family");
        Assert.Equal(["11", "22", "33"], json.EnumerateArray().Select(l => l.GetProperty("cap_id").GetString()));
        Assert.Equal(["rate_limit: 50rps -> 5rps", "subject: alice -> helper"], json[1].GetProperty("narrowed").EnumerateArray().Select(s => s.GetString()));
    }

    [Fact]
    public async Task Who_may_not_see_the_account_sees_what_the_token_says_and_is_told_so()
    {
        await using var node = Identity(_ => FakeAnswer.Error(2, "UNAUTHENTICATED", "no"));
        var run = await CtlRun.Of(node, "token", "show", "--token", FakeToken.Of(Leaf));
        Assert.Equal(0, run.Code);
        Assert.EndsWith(
            """

            11  alice
               rate_limit: 50rps
            └─ 22
                  rate_limit: 5rps
               └─ 33  helper  (this one)
                     path_prefix: /srv/in
                     rate_limit: 5rps
                     uid: 1000
            what each step narrowed is for authorities of the node and holders of identity.list; shown is what the token says

            """.ReplaceLineEndings("\n"),
            run.Output,
            StringComparison.Ordinal);
        // One refusal is enough, and the token that is shown is not sent where it says nothing of the right.
        Assert.Null(node.Only("identity.show").Token);
        Assert.False((await CtlRun.Of(node, "token", "show", FakeToken.Of(Leaf), "--json")).Json.GetProperty("family")[1].TryGetProperty("narrowed", out _));
    }

    [Fact]
    public async Task A_holder_of_the_right_asks_with_its_token_and_an_ancestor_that_is_gone_hides_no_other()
    {
        await using var node = Identity(request => request.Text("cap_id") == "11" ? FakeAnswer.Error(4, "NOT_FOUND", "gone") : Account(request));
        var token = FakeToken.Of(Leaf.Replace("[\"fs.read\"]", "[\"fs.read\",\"identity.list\"]", StringComparison.Ordinal));
        var run = await CtlRun.Of(node, "token", "show", "--token", token);
        Assert.All(node.Requests.Where(r => r.Method == "identity.show"), r => Assert.Equal(token, r.Token));
        Assert.Contains("path_prefix: /srv -> /srv/in\n", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("authorities", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chain_that_is_longer_than_any_is_cut_and_text_of_others_moves_no_terminal()
    {
        await using var node = Identity(_ => FakeAnswer.Error(4, "NOT_FOUND", "gone"));
        var links = string.Join(',', Enumerable.Range(0, 500).Select(i => $$"""{"id":"{{i}}","sub":"a\u001b[2J"}"""));
        var run = await CtlRun.Of(node, "token", "show", FakeToken.Of($$"""{"jti":"z","chain":[{{links}}]}""", "v4"));
        Assert.DoesNotContain("\u001b", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("└─ 8", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_step_that_narrows_nothing_says_nothing_and_one_that_is_not_known_nothing_false()
    {
        var known = new CapabilityFacts("1") { IsKnown = true, Rights = ["a.b"] };
        Assert.Empty(Narrowed.Between(known, known)!);
        Assert.Null(Narrowed.Between(known, new CapabilityFacts("2")));
        Assert.Null(Narrowed.Between(new CapabilityFacts("2"), known));
    }
}
