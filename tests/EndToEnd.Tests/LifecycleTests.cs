using System.Text.Json;
using Strata.Contracts;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.EndToEnd.Tests;

public sealed class LifecycleTests
{
    private static readonly string[] Services = ["registry", "identity", "fs"];

    [Fact]
    public async Task A_node_starts_and_every_service_is_healthy_and_registered()
    {
        await using var node = await Node.StartAsync();

        var services = await node.ServicesAsync();
        Assert.Equal(Services.Order(), services.Select(s => s.Name).Order());
        Assert.All(services, s => Assert.Equal("Healthy", s.State));
        foreach (var service in Services)
        {
            Assert.Equal(service, (await node.CallAsync($"{service}.ping")).Get(ContractsJson.Default.PingResult).Service);
            var resolved = await RegisteredAsync(node, service);
            Assert.Equal($"unix://{node.Socket(service)}", resolved.Endpoint);
        }
    }

    [Fact]
    public async Task A_second_supervisor_on_the_same_folder_is_refused_and_the_first_serves_on()
    {
        await using var node = await Node.StartAsync();

        var second = await Command.RunAsync(Checkout.Program("supervisor"), [], node.Settings);

        Assert.Equal(73, second.ExitCode);
        Assert.Contains(node.SupervisorPid.ToString(System.Globalization.CultureInfo.InvariantCulture), second.Error, StringComparison.Ordinal);
        Assert.All(await node.ServicesAsync(), s => Assert.Equal("Healthy", s.State));
    }

    [Fact]
    public async Task Sigterm_ends_everything_and_leaves_no_process_and_no_socket()
    {
        await using var node = await Node.StartAsync();
        var pids = node.Processes();
        Assert.True(pids.Count >= 4);

        await node.StopAsync();

        Assert.Equal(0, node.Supervisor.ExitCode);
        Assert.True(await Node.AllGoneAsync(pids));
        Assert.Empty(Directory.GetFiles(node.RuntimeDir, "*.sock"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(30)]
    [InlineData(80)]
    [InlineData(150)]
    [InlineData(300)]
    public async Task Sigterm_at_any_moment_of_the_start_leaves_nothing(int afterMs)
    {
        await using var node = Node.Prepare();
        var supervisor = node.Start();
        // The moment itself is what varies here; whatever has happened by then must be undone.
        await Task.Delay(afterMs);
        Node.Signal(supervisor.Id, Signal.SIGTERM);

        using var limit = new CancellationTokenSource(Node.Patience);
        await supervisor.WaitForExitAsync(limit.Token);

        Assert.True(await Node.AllGoneAsync(node.Processes()), node.Log);
        Assert.Empty(Directory.GetFiles(node.RuntimeDir, "*.sock"));
    }

    [Fact]
    public async Task A_killed_supervisor_that_exits_with_its_children_takes_them_along_and_the_next_start_works()
    {
        await using var node = Node.Prepare();
        node.Settings["STRATA_EXIT_WITH_CHILDREN"] = "1";
        // A program that knows nothing of Strata ends with it just as well.
        node.Declare("foreign", """{"name":"foreign","exec":["/bin/sleep","1000"],"readiness":{"method":"none"}}""");
        await node.LaunchAsync();
        var pids = node.Processes();
        Assert.True(pids.Count >= 5);
        var token = (await node.IssueAsync()).Token;

        Node.Signal(node.SupervisorPid, Signal.SIGKILL);
        Assert.True(await Node.AllGoneAsync(pids), "orphans survive their supervisor");

        await node.LaunchAsync();
        var list = await node.CallAsync("fs.list", """{"path":"."}""", token);
        Assert.Null(list.Error);
    }

    [Theory]
    [InlineData("registry")]
    [InlineData("identity")]
    [InlineData("fs")]
    public async Task A_killed_service_comes_back_and_its_clients_wait_instead_of_being_refused(string service)
    {
        await using var node = await Node.StartAsync();
        var before = await node.PidAsync(service);

        Node.Signal(before, Signal.SIGKILL);
        // The socket belongs to the supervisor: this connects whether or not the service is back already.
        var ping = await PingUntilAnsweredByAnotherAsync(node, service, before);

        var now = await node.WaitForStateAsync(service, "Healthy", before);
        Assert.Equal(ping, now.Pid);
        Assert.True(now.Restarts >= 1);
    }

    [Fact]
    public async Task All_services_killed_at_once_come_back_with_tokens_valid_and_entries_registered()
    {
        await using var node = await Node.StartAsync();
        var token = (await node.IssueAsync()).Token;
        var before = (await node.ServicesAsync()).ToDictionary(s => s.Name, s => s.Pid);

        foreach (var pid in before.Values)
        {
            Node.Signal(pid, Signal.SIGKILL);
        }

        foreach (var (service, pid) in before)
        {
            await node.WaitForStateAsync(service, "Healthy", pid);
        }

        Assert.Null((await node.CallAsync("fs.list", """{"path":"."}""", token)).Error);
        await RegisteredAsync(node, "fs");
    }

    [Fact]
    public async Task Stop_start_restart_and_explain_tell_the_truth()
    {
        await using var node = await Node.StartAsync();

        Assert.Null((await node.CallAsync("supervisor.svc.stop", """{"name":"fs"}""")).Error);
        Assert.Equal("Stopped", (await node.ServicesAsync()).Single(s => s.Name == "fs").State);
        var stopped = (await node.CallAsync("supervisor.svc.explain", """{"name":"fs"}""")).Get(ContractsJson.Default.ServiceExplanation);
        Assert.Equal("Stopped", stopped.State);
        Assert.Null((await node.CallAsync("supervisor.svc.start", """{"name":"fs"}""")).Error);
        var running = await node.WaitForStateAsync("fs", "Healthy");
        Assert.Equal(ErrorCode.Conflict, (await node.CallAsync("supervisor.svc.start", """{"name":"fs"}""")).Error?.Code);
        Assert.Null((await node.CallAsync("supervisor.svc.restart", """{"name":"fs"}""")).Error);
        await node.WaitForStateAsync("fs", "Healthy", running.Pid);
        Assert.Equal(ErrorCode.NotFound, (await node.CallAsync("supervisor.svc.stop", """{"name":"nosuch"}""")).Error?.Code);
        Assert.Equal(ErrorCode.NotFound, (await node.CallAsync("supervisor.svc.explain", """{"name":"nosuch"}""")).Error?.Code);
    }

    private static async Task<int> PingUntilAnsweredByAnotherAsync(Node node, string service, int notPid)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                var pid = (await node.CallAsync($"{service}.ping")).Get(ContractsJson.Default.PingResult).Pid;
                if (pid != notPid)
                {
                    return pid;
                }
            }
            catch (RpcException e) when (attempt < 1000 && e.Error.Reason == "connection_lost")
            {
                // It was connected to the dying process; a connect itself must never be refused.
            }
        }
    }

    /// <summary>Registration follows readiness at once but not in the same instant: the registry's own stream says when.</summary>
    private static async Task<RegistryEntry> RegisteredAsync(Node node, string service)
    {
        using var limit = new CancellationTokenSource(Node.Patience);
        await using var client = await node.ConnectAsync("registry");
        await foreach (var frame in client.StreamAsync(new RpcRequest("registry.watch"), limit.Token))
        {
            var item = frame.Get(ContractsJson.Default.RegistryEvent);
            var found = item.Services?.FirstOrDefault(e => e.Service == service) ?? (item.Entry?.Service == service ? item.Entry : null);
            if (found is not null)
            {
                return found;
            }
        }

        throw new JsonException("the watch ended");
    }
}
