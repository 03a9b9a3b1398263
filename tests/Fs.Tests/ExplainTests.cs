using System.Text.Json;
using Strata.Ipc;
using Strata.Policy;

namespace Strata.Fs.Tests;

/// <summary><c>policy.explain</c> on a real socket, against what the calls themselves are answered.</summary>
public sealed class ExplainTests
{
    public static TheoryData<string, string> Calls => new()
    {
        { "fs.stat", """{"path":"a"}""" },
        { "fs.stat", """{"path":"../a"}""" },
        { "fs.stat", """{"path":"/etc/passwd"}""" },
        { "fs.list", """{"path":"."}""" },
        { "fs.open", """{"path":"a"}""" },
        { "fs.open", """{"path":"a","mode":"w"}""" },
        { "fs.open", """{"path":"a","mode":"rw","fd":true}""" },
        { "fs.rename", """{"from":"a","to":"b"}""" },
        { "fs.rename", """{"from":"a","to":"/outside"}""" },
        { "fs.write_atomic", """{"path":"a","data":""}""" },
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task An_explanation_says_what_the_call_is_then_answered(string method, string json)
    {
        await using var node = new FsNode(writable: true);
        Capability[] capabilities =
        [
            node.Grant(), node.Grant(rights: ["fs.open", "fs.stat", "fs.rename"]), node.Grant(rights: ["fs.open", "fs.write"]), node.Grant(rights: ["fs.list"]),
            node.Grant(constraints: new() { MethodsDenied = NameList.Of(method, "fs.write") }), node.Grant(constraints: new() { Uid = 4_000_000 }),
            node.Grant(constraints: new() { RateLimit = new RateLimit(1_000_000) }),
        ];
        foreach (var capability in capabilities)
        {
            File.Delete(node["b"]);
            node.Write("a", "x"u8);
            var client = await node.ConnectAsync(capability);
            var explained = await ExplainAsync(client, method, json);
            var answer = await client.CallAsync(method, json);
            Assert.Equal(explained.GetProperty("allowed").GetBoolean(), answer.Error is null);
            Assert.Equal(TextOf(explained, "reason"), answer.Error?.Reason);
        }
    }

    [Fact]
    public async Task Nothing_is_spent_by_explaining()
    {
        await using var node = new FsNode();
        var client = await node.ConnectAsync(node.Grant(constraints: new() { RateLimit = new RateLimit(1) }));
        for (var i = 0; i < 50; i++)
        {
            Assert.True((await ExplainAsync(client, "fs.list", """{"path":"."}""")).GetProperty("allowed").GetBoolean());
        }

        Assert.Null((await client.CallAsync("fs.list", """{"path":"."}""")).Error);
        var spent = await ExplainAsync(client, "fs.list", """{"path":"."}""");
        // The clock goes on: by now there may be room again.
        Assert.True(TextOf(spent, "reason") is null or "rate_limited");
        Assert.Equal(0, node.Service.Handles.Count);
    }

    [Theory]
    [InlineData("""{"method":"fs.nothing"}""", "method")]
    [InlineData("""{"method":"registry.list"}""", "method")]
    [InlineData("""{"method":"fs.stat","params":{}}""", "params.path")]
    [InlineData("""{"method":"fs.stat","params":{"path":"a","path":"b"}}""", "params")]
    [InlineData("""{"method":"fs.stat","params":{"path":1}}""", "params.path")]
    [InlineData("""{"method":"fs.stat","params":["a"]}""", "params")]
    [InlineData("""{"method":"fs.stat","token":""}""", "token")]
    public async Task What_cannot_be_explained_is_refused_by_name(string json, string field)
    {
        await using var node = new FsNode();
        var error = (await (await node.ConnectAsync()).CallAsync("policy.explain", json)).Error!;
        Assert.Equal((ErrorCode.InvalidArgument, field), (error.Code, error.Details.Single(d => d.Key == "field").Value));
    }

    [Fact]
    public async Task A_path_that_was_not_given_is_left_open()
    {
        await using var node = new FsNode();
        var explained = await Parse((await node.ConnectAsync()).CallAsync("policy.explain", """{"method":"fs.stat"}"""));
        Assert.Equal("not_checked", TextOf(Check(explained, "path"), "outcome"));
        Assert.True(explained.GetProperty("allowed").GetBoolean());
    }

    [Fact]
    public async Task An_authority_sees_everything_and_who_sends_a_token_is_held_to_it()
    {
        await using var node = new FsNode();
        var capability = node.Grant(rights: ["fs.list"], constraints: new() { Uid = 4_000_000 });
        var json = $$"""{"method":"fs.stat","params":{"path":"../x"},"token":"{{capability.Token}}"}""";
        var held = await Parse((await node.ConnectAsync(capability)).CallAsync("policy.explain", json));
        Assert.Equal(("caller", "wrong_uid"), (TextOf(held, "view"), TextOf(held, "reason")));
        Assert.Equal("not_reached", TextOf(Check(held, "right"), "outcome"));

        using var authority = node.ConnectRaw();
        var full = await AskAsync(authority, json);
        Assert.Equal(("full", "wrong_uid"), (TextOf(full, "view"), TextOf(full, "reason")));
        Assert.Equal(["uid", "right", "path"], Failed(full));
        var asOwner = await AskAsync(authority, json.Replace("\"token\"", "\"uid\":4000000,\"token\"", StringComparison.Ordinal));
        Assert.Equal(["right", "path"], Failed(asOwner));
    }

    private static async Task<JsonElement> ExplainAsync(FsClient client, string method, string json) =>
        await Parse(client.CallAsync("policy.explain", $$"""{"method":"{{method}}","params":{{json}}}"""));

    private static async Task<JsonElement> AskAsync(RawClient client, string json)
    {
        client.Send("policy.explain", json, token: null);
        return JsonElement.Parse(await client.ReceiveAsync()).GetProperty("result");
    }

    private static async Task<JsonElement> Parse(Task<RpcResponse> answer)
    {
        var response = await answer;
        Assert.Null(response.Error);
        return JsonElement.Parse(response.Result.Span);
    }

    private static string? TextOf(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static JsonElement Check(JsonElement explained, string name) =>
        explained.GetProperty("checks").EnumerateArray().Single(c => c.GetProperty("check").GetString() == name);

    private static IEnumerable<string?> Failed(JsonElement explained) =>
        explained.GetProperty("checks").EnumerateArray().Where(c => TextOf(c, "outcome") == "failed").Select(c => TextOf(c, "check"));
}
