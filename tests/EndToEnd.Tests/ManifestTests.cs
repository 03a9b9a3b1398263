using System.Text.Json;
using Strata.Linux;

namespace Strata.EndToEnd.Tests;

/// <summary>Somebody's service, declared by a file and written in another language.</summary>
public sealed class ManifestTests
{
    private static string Manifest => $$"""
        {
          "name": "hello",
          "description": "greets", // shown by strata-ctl graph
          "exec": ["python3", "{{Checkout.At("tests/EndToEnd.Tests/Services/hello.py")}}", "--loud"],
          "environment": { "GREETING": "Grüß Gott" },
          "requires": ["identity"],
          "readiness": { "timeout": "30s" },
          "restart": { "initial": "1ms" },
        }
        """;

    [Fact]
    public async Task A_service_in_Python_is_started_by_its_manifest_and_called_by_its_name()
    {
        await using var node = Node.Prepare();
        node.Declare("hello", Manifest);
        await node.LaunchAsync();

        var answer = JsonSerializer.Deserialize<JsonElement>((await node.CtlAsync("hello.greet", """{"name":"Ada"}""")).Succeeded().Output).GetProperty("result");
        Assert.Equal("Grüß Gott, Ada", answer.GetProperty("text").GetString());
        Assert.Equal("--loud", Assert.Single(answer.GetProperty("arguments").EnumerateArray()).GetString());
        Assert.Equal(answer.GetProperty("pid").GetInt32(), await node.PidAsync("hello"));
        Assert.Contains("hello", (await node.CtlAsync("registry", "list")).Succeeded().Output, StringComparison.Ordinal);

        Node.Signal(answer.GetProperty("pid").GetInt32(), Signal.SIGKILL);
        var again = (await node.CtlAsync("hello.greet")).Succeeded();
        Assert.Contains("Grüß Gott, world", again.Output, StringComparison.Ordinal);

        var pids = node.Processes();
        await node.StopAsync();
        Assert.Equal(0, node.Supervisor.ExitCode);
        Assert.True(await Node.AllGoneAsync(pids));
        Assert.Empty(Directory.GetFiles(node.RuntimeDir, "*.sock"));
    }

    [Fact]
    public async Task What_the_check_refuses_the_supervisor_refuses_with_the_same_lines()
    {
        await using var node = Node.Prepare();
        node.Declare("hello", Manifest.Replace("requires", "requries", StringComparison.Ordinal).Replace("30s", "30", StringComparison.Ordinal));
        node.Declare("other", """{ "name": "other", "exec": ["./other"], "wants": ["hello"] }""");

        var check = await node.CtlAsync("config", "check");
        var start = await Command.RunAsync(Checkout.Program("supervisor"), [], node.Settings);

        Assert.Equal(1, check.ExitCode);
        Assert.Equal(3, check.Output.TrimEnd('\n').Split('\n').Length);
        Assert.Equal((78, check.Output + "supervisor: 3 faults in the configuration; nothing was started\n"), (start.ExitCode, start.Error));
        Assert.Empty(Directory.GetFiles(node.RuntimeDir));
    }

    [Fact]
    public async Task The_committed_schema_is_printed()
    {
        await using var node = Node.Prepare();
        Assert.Equal(File.ReadAllText(Checkout.At("api/service.schema.json")), (await node.CtlAsync("config", "schema")).Succeeded().Output);
    }
}
