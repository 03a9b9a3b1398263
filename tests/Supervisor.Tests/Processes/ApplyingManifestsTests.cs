using Strata.Contracts;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Supervisor.Tests;

/// <summary>The real supervisor, and manifests that change while it runs.</summary>
public sealed class ApplyingManifestsTests
{
    [Fact]
    public async Task Manifests_come_change_and_go_and_whoever_is_not_concerned_keeps_its_process()
    {
        using var runtime = new TestRuntime();
        runtime.Declare("steady", Manifest("steady"));
        runtime.Declare("hello", Manifest("hello"));
        using var supervisor = SupervisorProcess.Start(runtime);
        supervisor.AwaitReady();
        var (steady, fs, first) = (await PidAsync(runtime, "steady"), await PidAsync(runtime, "fs"), await PidAsync(runtime, "hello"));

        var file = runtime.Declare("later", Manifest("later", "\"requires\": [\"hello\"],"));
        runtime.Declare("hello", Manifest("hello", "\"description\": \"live\", \"log\": { \"rate\": 5 },"));
        Assert.Equal(["hello adjusted runs on", "later added starts"], await ApplyAsync(runtime));
        await HealthyAsync(runtime, "later");
        Assert.Equal(first, await PidAsync(runtime, "hello"));
        Assert.Contains("later", await RegisteredAsync(runtime));

        runtime.Declare("hello", Manifest("hello", "\"environment\": { \"A\": \"b\" },"));
        Assert.Equal(["hello restarted restarts"], await ApplyAsync(runtime));
        await HealthyAsync(runtime, "hello", except: first);

        File.Delete(file);
        Assert.Equal(["later removed stops, and is then forgotten"], await ApplyAsync(runtime));
        await runtime.EventAsync(e => e.Event == "svc.removed" && e.Service == "later");
        await Patience.UntilAsync(() => !runtime.Sockets.Contains("later.sock"));
        await using (var client = await runtime.ConnectAsync("registry"))
        {
            await RegistryWatch.UntilAsync(client, "supervisor", "registry", "identity", "fs", "hello", "steady");
        }

        Assert.Equal((steady, fs), (await PidAsync(runtime, "steady"), await PidAsync(runtime, "fs")));
        supervisor.Signal(Signal.SIGTERM);
        Assert.Equal(0, supervisor.AwaitExit().Code);
        Assert.Empty(runtime.Sockets);
        Assert.Contains("event=config_applied", runtime.Log, StringComparison.Ordinal);
        Assert.Contains("\"event\":\"config.apply\"", File.ReadAllText(Path.Combine(runtime.Dir, "state/audit/supervisor.jsonl")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Faulty_manifests_are_told_with_every_fault_and_place_and_the_node_runs_on_as_it_was()
    {
        using var runtime = new TestRuntime();
        runtime.Declare("hello", Manifest("hello"));
        runtime.Declare("user", Manifest("user", "\n\n\"requires\": [\"hello\"],"));
        using var supervisor = SupervisorProcess.Start(runtime);
        supervisor.AwaitReady();
        var pid = await PidAsync(runtime, "hello");

        File.Delete(Path.Combine(runtime.Dir, "services.d/hello.service.json"));
        runtime.Declare("bad", "{\n  \"name\": \"bad\",\n  \"exec\": [\"no-such-program\"], \"watchdgo\": 1\n}");
        var refused = await CallAsync(runtime, "supervisor.config.apply");

        Assert.Equal(("refused", 1), (refused.Outcome, refused.Generation));
        Assert.Equal(["bad.service.json:3:32 watchdgo", "user.service.json:3:14 requires[0]"], refused.Faults.Select(f => $"{Path.GetFileName(f.File)}:{f.Line}:{f.Column} {f.Field}"));
        Assert.Equal(pid, await PidAsync(runtime, "hello"));

        runtime.Declare("hello", Manifest("hello"));
        runtime.Declare("bad", """{ "name": "bad", "exec": ["no-such-program"] }""");
        Assert.Equal("exec", (await CallAsync(runtime, "supervisor.config.diff")).Faults.Single().Field);
        Assert.DoesNotContain("bad.sock", runtime.Sockets);
    }

    [Fact]
    public async Task Mode_of_a_socket_changes_while_its_service_runs_and_only_if_all_is_well()
    {
        using var runtime = new TestRuntime();
        runtime.Declare("hello", Manifest("hello", "\"socket\": { \"mode\": \"0660\" },"));
        using var supervisor = SupervisorProcess.Start(runtime);
        supervisor.AwaitReady();
        var pid = await PidAsync(runtime, "hello");
        var socket = Path.Combine(runtime.Dir, "hello.sock");
        Assert.Equal(0x1B0, (int)File.GetUnixFileMode(socket));

        runtime.Declare("hello", Manifest("hello", "\"socket\": { \"mode\": \"0600\", \"group\": \"no-such-group\" },"));
        Assert.Equal("socket.group", (await CallAsync(runtime, "supervisor.config.apply")).Faults.Single().Field);
        Assert.Equal(0x1B0, (int)File.GetUnixFileMode(socket));

        runtime.Declare("hello", Manifest("hello", "\"socket\": { \"mode\": \"0600\", \"backlog\": 7 },"));
        Assert.Equal(["hello adjusted runs on"], await ApplyAsync(runtime));
        Assert.Equal(0x180, (int)File.GetUnixFileMode(socket));
        Assert.Equal(pid, await PidAsync(runtime, "hello"));
    }

    [Fact]
    public async Task A_hangup_applies_the_manifests_and_tells_the_outcome_in_the_log()
    {
        using var runtime = new TestRuntime();
        using var supervisor = SupervisorProcess.Start(runtime);
        supervisor.AwaitReady();
        var file = runtime.Declare("hello", "{ \"name\": 5 }");
        supervisor.Signal(Signal.SIGHUP);
        await Patience.UntilAsync(() => runtime.Log.Contains("event=config_refused", StringComparison.Ordinal));
        Assert.Contains($"{file}:1:11: name: must be a text", runtime.Log, StringComparison.Ordinal);

        runtime.Declare("hello", Manifest("hello"));
        supervisor.Signal(Signal.SIGHUP);
        await runtime.EventAsync(e => e is { Event: "svc.healthy", Service: "hello" });
        await Patience.UntilAsync(() => runtime.Log.Contains("event=config_applied", StringComparison.Ordinal));
    }

    private static string Manifest(string name, string more = "") => $$"""{ "name": "{{name}}", "exec": ["{{StubService.Program}}"], {{more}} "readiness": { "timeout": "20s" } }""";

    private static async Task<int> PidAsync(TestRuntime runtime, string service) => (await runtime.StatusAsync(service)).Pid;

    private static Task<SupervisorEvent> HealthyAsync(TestRuntime runtime, string service, int except = 0) =>
        runtime.EventAsync(e => e.Event == "svc.healthy" && e.Service == service && e.Pid != except);

    private static async Task<string[]> ApplyAsync(TestRuntime runtime)
    {
        var applied = await CallAsync(runtime, "supervisor.config.apply");
        Assert.Equal("applied", applied.Outcome);
        return [.. applied.Services.Select(s => $"{s.Name} {s.Change} {s.Effect}")];
    }

    private static async Task<ConfigChange> CallAsync(TestRuntime runtime, string method)
    {
        await using var client = await runtime.ConnectAsync("supervisor");
        return await client.CallAsync(method, new NoParams(), ContractsJson.Default.NoParams, ContractsJson.Default.ConfigChange, deadline: TestNode.Deadline);
    }

    private static async Task<IEnumerable<string>> RegisteredAsync(TestRuntime runtime)
    {
        await using var client = await runtime.ConnectAsync("registry");
        await RegistryWatch.UntilAsync(client, "supervisor", "registry", "identity", "fs", "hello", "steady", "later");
        return (await client.CallAsync("registry.list", new NoParams(), ContractsJson.Default.NoParams, ContractsJson.Default.RegistryList)).Services.Select(s => s.Service);
    }
}
