using Strata.Contracts;
using Strata.Ipc;
using Strata.StrataCtl.Tests.Fakes;

namespace Strata.StrataCtl.Tests.Commands;

public class RegistryCallDescribeTests
{
    /// <summary>Described by the very code that services describe themselves with.</summary>
    private static readonly MethodTable Registry = new(
        "registry",
        new UnaryMethod<ServiceName, ResolveResult>(
            "registry.resolve", "Tells where a service is.", Access.Open, ContractsJson.Default.ServiceName, ContractsJson.Default.ResolveResult,
            (_, _) => (Reply<ResolveResult>)RpcError.NotFound("none")) { Errors = [ErrorCode.NotFound] },
        new UnaryMethod<RegisterParams, StatusResult>(
            "registry.register", "Registers a service.", Access.RightOrAuthority("registry.register"), ContractsJson.Default.RegisterParams,
            ContractsJson.Default.StatusResult, (_, _) => (Reply<StatusResult>)RpcError.NotFound("none")));

    private static FakeNode Node() => new FakeNode("registry")
        .On("registry.describe", $$"""{"service":"registry","protocol":1,"methods":{{Registry.DescribeAll().ToJsonString()}}}""")
        .On("registry.list", """{"services":[{"service":"registry","endpoint":"unix:///r.sock","api_v":1,"declared":true,"owner_uid":0}]}""")
        .On("registry.resolve", """{"endpoint":"unix:///r.sock","api_v":1}""");

    [Fact]
    public async Task Registry_list_is_a_table()
    {
        await using var node = Node();
        var run = await CtlRun.Of(node, "registry", "list");
        Assert.Equal("SERVICE   ENDPOINT        API  DECLARED  OWNER UID\nregistry  unix:///r.sock    1  yes               0\n", run.Output);
    }

    [Fact]
    public async Task Registry_resolve_prints_the_endpoint()
    {
        await using var node = Node();
        Assert.Equal("unix:///r.sock\n", (await CtlRun.Of(node, "registry", "resolve", "fs")).Output);
        Assert.Equal(1, (await CtlRun.Of(node, "registry", "resolve", "fs", "--json")).Json.GetProperty("api_v").GetInt32());
    }

    [Fact]
    public async Task Describe_of_a_method_shows_params_with_types_and_defaults()
    {
        await using var node = Node();
        var run = await CtlRun.Of(node, "describe", "registry.register");
        Assert.Equal(0, run.Code);
        Assert.Contains("access   registry.register or authority\n", run.Output, StringComparison.Ordinal);
        Assert.Matches("(?m)^service +string +yes +- +name of the service", run.Output);
        Assert.Matches("(?m)^api_v +integer +no +1 +version of its API$", run.Output);
        Assert.Contains("errors   NOT_FOUND\n", (await CtlRun.Of(node, "describe", "registry.resolve")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Describe_of_everything_names_who_does_not_answer()
    {
        await using var node = Node();
        var run = await CtlRun.Of(node, "describe");
        Assert.Equal(3, run.Code);
        Assert.Matches("(?m)^registry.resolve +open +- +Tells where a service is.$", run.Output);
        Assert.Contains("strata-ctl: supervisor: no socket", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Describe_of_an_unknown_method_is_a_usage_error()
    {
        await using var node = Node();
        var run = await CtlRun.Of(node, "describe", "registry.bogus");
        Assert.Equal(2, run.Code);
        Assert.Contains("strata-ctl describe registry", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_prints_the_result_alone()
    {
        await using var node = Node();
        var run = await CtlRun.Of(node, "call", "registry.resolve", """{"service":"fs"}""", "--token", "T");
        Assert.Equal("{\n  \"endpoint\": \"unix:///r.sock\",\n  \"api_v\": 1\n}\n", run.Output);
        Assert.Equal(("T", "fs"), (node.Only("registry.resolve").Token, node.Only("registry.resolve").Text("service")));
    }

    [Fact]
    public async Task Call_reads_params_from_standard_input()
    {
        await using var node = Node();
        await CtlRun.Of(node, new CtlSettings { Input = """{"service":"stdin"}""" }, "call", "registry.resolve", "-");
        Assert.Equal("stdin", node.Only("registry.resolve").Text("service"));
    }

    [Fact]
    public async Task Call_follows_a_stream_a_line_an_item()
    {
        await using var node = Node().On("registry.watch", _ => FakeAnswer.Items(staysOpen: false, """{"seq":1}""", """{"seq":2}"""));
        Assert.Equal("{\"seq\":1}\n{\"seq\":2}\n", (await CtlRun.Of(node, "call", "-f", "registry.watch")).Output);
    }

    [Fact]
    public async Task An_answer_of_another_shape_is_an_error_not_a_crash()
    {
        await using var node = new FakeNode("registry").On("registry.list", """{"services":7}""");
        var run = await CtlRun.Of(node, "registry", "list");
        Assert.Equal((1, ""), (run.Code, run.Output));
        Assert.Contains("another shape", run.Error, StringComparison.Ordinal);
    }
}
