using Strata.StrataCtl.Compat;
using Strata.StrataCtl.Tests.Fakes;

namespace Strata.StrataCtl.Tests.Compat;

public class CompatFormTests
{
    private const string Resolve = "registry.resolve";

    [Theory]
    [InlineData("status")]
    [InlineData("svc list")]
    [InlineData("--token x fs.list")]
    [InlineData("-token x status")]
    [InlineData("")]
    public void Commands_for_people_are_not_the_compatible_form(string line) =>
        Assert.Null(CompatArguments.Recognise(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)));

    [Theory]
    [InlineData("fs.list", null, null)]
    [InlineData("-token T fs.list", "T", null)]
    [InlineData("-token A -token B fs.list {}", "B", "{}")]
    [InlineData("fs.list {} ignored", null, "{}")]
    public void A_word_with_a_dot_is_a_method(string line, string? token, string? json) =>
        Assert.Equal(new CompatArguments("fs.list", token, json, null), CompatArguments.Recognise(line.Split(' ')));

    [Theory]
    [InlineData("-token", "error: missing token value\n")]
    [InlineData("-token T", "error: missing method\n")]
    public async Task An_incomplete_line_is_an_error_with_code_1(string line, string error)
    {
        await using var node = new FakeNode();
        var run = await CtlRun.Of(node, line.Split(' '));
        Assert.Equal((1, "", error), (run.Code, run.Output, run.Error));
    }

    [Fact]
    public async Task A_success_prints_the_envelope_and_ends_with_0()
    {
        await using var node = new FakeNode("registry");
        node.On("registry.list", """{"services":[]}""");
        var run = await CtlRun.Of(node, "registry.list");
        var request = node.Only("registry.list");
        Assert.Equal(0, run.Code);
        Assert.Equal($"{{\n  \"v\": 1,\n  \"req_id\": \"{request.ReqId}\",\n  \"ok\": true,\n  \"result\": {{\n    \"services\": []\n  }}\n}}\n", run.Output);
        Assert.Matches("^[0-9a-f]{16}$", request.ReqId);
        Assert.False(request.HasParams || request.Json.TryGetProperty("deadline_ms", out _));
        Assert.Equal("", run.Error);
    }

    [Fact]
    public async Task An_error_of_the_service_prints_the_envelope_and_ends_with_1()
    {
        await using var node = new FakeNode("registry").On(Resolve, _ => FakeAnswer.Error(4, "NOT_FOUND", "no such service"));
        var run = await CtlRun.Of(node, Resolve, """{"service":"x"}""");
        Assert.Equal(1, run.Code);
        Assert.Contains("\"name\": \"NOT_FOUND\"", run.Output, StringComparison.Ordinal);
        Assert.Equal("", run.Error);
    }

    [Fact]
    public async Task The_socket_comes_from_the_registry()
    {
        await using var node = new FakeNode("registry", "elsewhere");
        node.On(Resolve, $$"""{"endpoint":"unix://{{node.SocketOf("elsewhere")}}","api_v":1,"added_later":true}""").On("fs.list", """{"entries":[]}""");
        var run = await CtlRun.Of(node, "-token", "T", "fs.list", """{"path":"."}""");
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Equal("T", node.Only("fs.list").Token);
        Assert.Null(node.Only(Resolve).Token);
    }

    [Fact]
    public async Task Without_a_registry_the_convention_is_used_and_said()
    {
        await using var node = new FakeNode("fs").On("fs.list", "{}");
        var run = await CtlRun.Of(node, "fs.list");
        Assert.Equal(0, run.Code);
        Assert.Equal("[strata-ctl] registry unavailable, using convention for fs\n", run.Error);
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("7")]
    public async Task Params_that_are_no_object_are_refused(string json)
    {
        await using var node = new FakeNode("registry");
        var run = await CtlRun.Of(node, "registry.list", json);
        Assert.Equal((1, ""), (run.Code, run.Output));
        Assert.StartsWith("error: invalid params JSON: ", run.Error, StringComparison.Ordinal);
        Assert.Empty(node.Requests);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    public async Task Empty_params_are_not_sent(string json)
    {
        await using var node = new FakeNode("registry").On("registry.list", "{}");
        await CtlRun.Of(node, "registry.list", json);
        Assert.False(node.Only("registry.list").HasParams);
    }

    [Fact]
    public async Task A_missing_socket_is_an_error_with_code_1_that_names_it()
    {
        await using var node = new FakeNode();
        var run = await CtlRun.Of(node, "supervisor.status");
        Assert.Equal(1, run.Code);
        Assert.StartsWith("error: ", run.Error, StringComparison.Ordinal);
        Assert.Contains(node.SocketOf("supervisor"), run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_may_fill_a_frame_and_not_exceed_it()
    {
        var size = Strata.Ipc.IpcLimits.Default.MaxFrameBytes;
        await using var node = new FakeNode("registry");
        node.On("registry.list", request => FakeAnswer.Result($"\"{new string('x', size - Envelope(request))}\""));
        Assert.Equal(0, (await CtlRun.Of(node, "registry.list")).Code);
        node.On("registry.list", request => FakeAnswer.Result($"\"{new string('x', size - Envelope(request) + 1)}\""));
        var run = await CtlRun.Of(node, "registry.list");
        Assert.Equal((1, $"error: read response: frame too large: {size + 1} bytes\n"), (run.Code, run.Error));

        static int Envelope(FakeRequest request) => $$"""{"v":1,"req_id":"{{request.ReqId}}","ok":true,"result":""}""".Length;
    }

    [Fact]
    public async Task A_request_that_exceeds_a_frame_is_not_sent()
    {
        await using var node = new FakeNode("registry");
        var run = await CtlRun.Of(node, "registry.list", $$"""{"x":"{{new string('x', Strata.Ipc.IpcLimits.Default.MaxFrameBytes)}}"}""");
        Assert.Equal(1, run.Code);
        Assert.Contains("a frame carries at most 1048576", run.Error, StringComparison.Ordinal);
        Assert.Empty(node.Requests);
    }
}
