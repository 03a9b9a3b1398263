using System.Text.Json;

namespace Strata.EndToEnd.Tests;

/// <summary>Manifests that change while the node runs, by the commands that an operator types.</summary>
public sealed class ConfigurationTests
{
    private static string Hello(string greeting, string more = "") => $$"""
        { "name": "hello", "exec": ["python3", "{{Checkout.At("tests/EndToEnd.Tests/Services/hello.py")}}"], "environment": { "GREETING": "{{greeting}}" }, {{more}} "readiness": { "timeout": "30s" } }
        """;

    [Fact]
    public async Task An_operator_adds_changes_breaks_mends_and_removes_a_manifest()
    {
        await using var node = await Node.StartAsync();
        var fs = await node.PidAsync("fs");
        node.Declare("hello", Hello("Hello"));

        var told = (await node.CtlAsync("config", "diff")).Succeeded().Output;
        Assert.Matches(@"hello +added +starts", told);
        Assert.Equal(told.Split('\n')[1], (await node.CtlAsync("config", "apply", "--dry-run")).Succeeded().Output.Split('\n')[1]);
        Assert.EndsWith("configuration 2 is in force\n", (await node.CtlAsync("config", "apply")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains("Hello, world", (await node.CtlAsync("hello.greet")).Succeeded().Output, StringComparison.Ordinal);
        var first = await node.PidAsync("hello");

        node.Declare("hello", Hello("Hello", "\"description\": \"greets\","));
        Assert.Matches(@"hello +adjusted +runs on +description", (await node.CtlAsync("config", "apply")).Succeeded().Output);
        Assert.Equal(first, await node.PidAsync("hello"));

        var file = node.Declare("hello", Hello("Hi", "\"wathcdog\": {},"));
        var refused = await node.CtlAsync("config", "apply");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains($"{file}:1:", refused.Output, StringComparison.Ordinal);
        Assert.Contains("wathcdog: is not a field of a manifest; did you mean watchdog?", refused.Output, StringComparison.Ordinal);
        Assert.Equal(first, await node.PidAsync("hello"));
        Assert.Matches(@"config +3; another was refused at ", (await node.CtlAsync("status")).Succeeded().Output);

        node.Declare("hello", Hello("Hi"));
        Assert.Matches(@"hello +restarted +restarts +description, environment", (await node.CtlAsync("config", "apply")).Succeeded().Output);
        // Nobody is refused meanwhile: the socket is kept, and the old process finishes what it has.
        Assert.Contains("Hi, world", await GreetAsync(node, "Hi"), StringComparison.Ordinal);

        File.Delete(file);
        Assert.Matches(@"hello +removed +stops, and is then forgotten", (await node.CtlAsync("config", "apply")).Succeeded().Output);
        await Patience.UntilAsync(() => !File.Exists(Path.Combine(node.RuntimeDir, "hello.sock")));
        Assert.Equal("nothing to apply: configuration 5 is in force\n", (await node.CtlAsync("config", "apply")).Succeeded().Output);
        Assert.Equal(fs, await node.PidAsync("fs"));
    }

    [Fact]
    public async Task A_timer_that_is_added_runs_at_its_times_and_tells_the_next()
    {
        await using var node = await Node.StartAsync();
        var ran = Path.Combine(node.RuntimeDir, "ran");
        node.Declare("tick", $$"""{ "name": "tick", "kind": "timer", "exec": ["/bin/sh", "-c", "echo >> {{ran}}"], "timer": { "every": "1s" } }""");
        node.Declare("daily", $$"""{ "name": "daily", "kind": "timer", "exec": ["/bin/sh", "-c", "echo now >> {{ran}}"], "timer": { "at": "sat,sun 03:30", "timezone": "Europe/Berlin", "catch_up": true } }""");
        (await node.CtlAsync("config", "apply")).Succeeded();

        await Patience.UntilAsync(() => File.Exists(ran) && File.ReadAllLines(ran).Length >= 2);
        var daily = JsonSerializer.Deserialize<JsonElement>((await node.CtlAsync("svc", "explain", "daily", "--json")).Succeeded().Output);
        Assert.Equal("Waiting", daily.GetProperty("state").GetString());
        Assert.Matches(@"^runs at \d{4}-\d\d-\d\d 03:30 Europe/Berlin$", daily.GetProperty("next").GetString());
        Assert.Matches(@"daily +Waiting .* in \d", (await node.CtlAsync("svc", "list")).Succeeded().Output);
        (await node.CtlAsync("svc", "start", "daily")).Succeeded();
        await Patience.UntilAsync(() => File.ReadAllLines(ran).Contains("now"));
        (await node.CtlAsync("status", "--wait", "20s")).Succeeded();
    }

    // A call that the old process refused since it drains is asked again; one that finds nobody would fail.
    private static async Task<string> GreetAsync(Node node, string greeting)
    {
        using var limit = new CancellationTokenSource(Patience.Limit);
        while (true)
        {
            var answer = (await node.CtlAsync("hello.greet")).Succeeded().Output;
            if (answer.Contains(greeting, StringComparison.Ordinal))
            {
                return answer;
            }

            limit.Token.ThrowIfCancellationRequested();
        }
    }
}
