using Strata.StrataCtl.Tests.Fakes;

namespace Strata.StrataCtl.Tests.Commands;

public sealed class GraphTests
{
    private const string Graph = """
        {"services":[
          {"name":"identity","state":"Healthy","requires":[],"wants":[],"started_ms":5,"ready_ms":90},
          {"name":"end","state":"Healthy","requires":[],"wants":[],"description":"an awkward name","started_ms":5,"ready_ms":400},
          {"name":"fs","state":"Healthy","requires":["identity"],"wants":["end"],"started_ms":91,"ready_ms":200},
          {"name":"hello","state":"Healthy","requires":["fs"],"wants":[],"started_ms":201,"ready_ms":3000},
          {"name":"slow","state":"Starting","requires":["hello"],"wants":[],"started_ms":3001,"waiting_for":[]}
        ]}
        """;

    [Fact]
    public async Task The_graph_is_a_table_of_who_needs_whom()
    {
        var run = await RunAsync("graph");

        Assert.Equal(
            """
            SERVICE   STATE     REQUIRES  WANTS  NEEDED BY  DESCRIPTION
            identity  Healthy   -         -      fs         -
            end       Healthy   -         -      fs         an awkward name
            fs        Healthy   identity  end    hello      -
            hello     Healthy   fs        -      slow       -
            slow      Starting  hello     -      -          -

            """,
            run.Output);
    }

    [Fact]
    public async Task The_critical_chain_leads_from_the_last_service_back_to_what_it_waited_for()
    {
        Assert.Equal(
            """
            SERVICE   STARTED AT   TOOK  READY AT
            identity         5ms   85ms      90ms
            fs              91ms  109ms     200ms
            hello          201ms     2s        3s

            """,
            (await RunAsync("graph", "--critical-chain")).Output);
        var chain = (await RunAsync("graph", "--critical-chain", "--json")).Json.GetProperty("chain");
        Assert.Equal(["identity", "fs", "hello"], chain.EnumerateArray().Select(l => l.GetProperty("name").GetString()));
        Assert.Equal(3000, chain[2].GetProperty("ready_ms").GetInt64());
    }

    [Fact]
    public async Task A_critical_chain_that_contradicts_itself_ends()
    {
        await using var node = new FakeNode("supervisor").On("supervisor.graph", """
            {"services":[{"name":"a","state":"Healthy","requires":["b","a"],"wants":[],"started_ms":5,"ready_ms":5},{"name":"b","state":"Healthy","requires":["a"],"wants":[],"started_ms":5,"ready_ms":5}]}
            """);
        Assert.Single((await CtlRun.Of(node, "graph", "--critical-chain", "--json")).Json.GetProperty("chain").EnumerateArray());
    }

    [Fact]
    public async Task Mermaid_gets_numbers_for_names_and_an_arrow_for_each_dependency()
    {
        var run = await RunAsync("graph", "--format", "mermaid");

        Assert.StartsWith("graph TD\n  s0[\"identity<br/>Healthy\"]\n  s1[\"end<br/>Healthy\"]\n", run.Output, StringComparison.Ordinal);
        Assert.EndsWith("  s2 --> s0\n  s2 -.-> s1\n  s3 --> s2\n  s4 --> s3\n", run.Output, StringComparison.Ordinal);
        Assert.Equal(2, (await RunAsync("graph", "--format", "mermaid", "--json")).Code);
        Assert.Equal(2, (await RunAsync("graph", "--format", "mermaid", "--critical-chain")).Code);
    }

    [Fact]
    public async Task Json_is_the_supervisors_answer()
    {
        Assert.Equal(5, (await RunAsync("graph", "--json")).Json.GetProperty("services").GetArrayLength());
        Assert.Equal(5, (await RunAsync("graph", "--format", "json")).Json.GetProperty("services").GetArrayLength());
    }

    [Fact]
    public async Task Why_follows_what_a_service_waits_for_to_whatever_holds_it_up()
    {
        await using var node = new FakeNode("supervisor").On("supervisor.svc.explain", request => FakeAnswer.Result(request.Text("name") switch
        {
            "hello" => """{"name":"hello","state":"Starting","since_ms":12000,"why":"the operator started it","next":"is spawned when these allow it","waiting_for":["fs","identity"]}""",
            "fs" => """{"name":"fs","state":"Starting","since_ms":11000,"why":"the node starts","next":"x","waiting_for":["identity"]}""",
            _ => """{"name":"identity","state":"Quarantined","since_ms":60000,"why":"5 crashes within 2 min","next":"nothing, until svc.start identity clears the quarantine","last_crash":"exited with code 3","advice":"mend it"}""",
        }));

        var run = await CtlRun.Of(node, "svc", "why", "hello");

        Assert.Equal(
            """
            hello has been Starting for 12s and waits for fs, identity: the operator started it
              fs has been Starting for 11s and waits for identity: the node starts
                identity has been Quarantined for 1m 0s: 5 crashes within 2 min
                  next: nothing, until svc.start identity clears the quarantine
                  last crash: exited with code 3
                  do: mend it

            """,
            run.Output);
        var json = (await CtlRun.Of(node, "svc", "why", "hello", "--json")).Json;
        Assert.Equal(["hello", "fs", "identity"], json.EnumerateArray().Select(w => w.GetProperty("name").GetString()));
    }

    private static async Task<CtlRun> RunAsync(params string[] args)
    {
        await using var node = new FakeNode("supervisor").On("supervisor.graph", Graph);
        return await CtlRun.Of(node, args);
    }
}
