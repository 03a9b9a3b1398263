using Strata.Contracts;
using Strata.Ipc;
using Strata.Linux;
using Strata.Supervision;
using static Strata.Supervisor.Tests.TestNode;

namespace Strata.Supervisor.Tests;

public sealed class RegistryMirrorTests
{
    private static readonly RegisterParams Guest = new("guest", "unix:///tmp/guest.sock", 3);

    private static readonly ServiceManifest Registry = BuiltInManifests.Registry with { Readiness = new ReadinessPolicy { Timeout = TimeSpan.FromSeconds(20) } };

    [Fact]
    public async Task A_registry_that_was_killed_gets_every_entry_back()
    {
        await using var node = TestNode.Start(Registry, Stub("one"));
        await node.UntilAsync("one", ServiceState.Healthy);
        await RegisterGuestAsync(node);
        var pid = (await node.UntilAsync("registry", ServiceState.Healthy)).Pid!.Value;

        Processes.Send(pid, Signal.SIGKILL);
        await node.UntilAsync(n => n.State.Services["registry"] is { State: ServiceState.Healthy, Incarnation: 2 } s ? s : null);
        await using var client = await node.ConnectAsync("registry");
        var entries = await RegistryWatch.UntilAsync(client, "supervisor", "registry", "one", "guest");
        Assert.Equal((Guest.Endpoint, 3, null), (entries["guest"].Endpoint, entries["guest"].ApiV, entries["guest"].Declared));
        Assert.Equal((long)UserId.Effective, entries["guest"].OwnerUid);
        Assert.True(entries["one"].Declared);
    }

    [Fact]
    public async Task A_registry_that_is_restarted_in_good_order_gets_every_entry_back()
    {
        await using var node = TestNode.Start(Registry);
        await node.UntilAsync("registry", ServiceState.Healthy);
        await RegisterGuestAsync(node);
        await node.Loop.TrySend(new NodeEvent.Restart("registry"))!;
        await node.UntilAsync(n => n.State.Services["registry"] is { State: ServiceState.Healthy, Incarnation: 2 } s ? s : null);
        await using var client = await node.ConnectAsync("registry");
        await RegistryWatch.UntilAsync(client, "supervisor", "registry", "guest");
    }

    [Fact]
    public async Task A_service_that_is_stopped_is_no_longer_registered()
    {
        await using var node = TestNode.Start(Registry, Stub("one"));
        await node.UntilAsync("one", ServiceState.Healthy);
        await using var client = await node.ConnectAsync("registry");
        await RegistryWatch.UntilAsync(client, "one");
        await node.Loop.TrySend(new NodeEvent.Stop("one"))!;
        var request = RpcRequest.Of("registry.watch", new NoParams(), ContractsJson.Default.NoParams);
        using var late = new CancellationTokenSource(Deadline);
        await foreach (var frame in client.StreamAsync(request, late.Token))
        {
            var item = frame.Get(ContractsJson.Default.RegistryEvent);
            if (item is { Kind: "unregistered", Entry.Service: "one" } || item.Services?.All(e => e.Service != "one") == true)
            {
                return;
            }
        }

        Assert.Fail("the watch ended");
    }

    [Fact]
    public async Task A_registry_that_hangs_holds_up_nobody_else()
    {
        await using var node = TestNode.Start(Registry with { Watchdog = null }, Stub("one"));
        var pid = (await node.UntilAsync("registry", ServiceState.Healthy)).Pid!.Value;
        await node.UntilAsync("one", ServiceState.Healthy);
        Processes.Send(pid, Signal.SIGSTOP);
        await node.Loop.TrySend(new NodeEvent.Restart("one"))!;
        await node.UntilAsync(n => n.State.Services["one"] is { State: ServiceState.Healthy, Incarnation: 2 } s ? s : null);
        Assert.Equal(ServiceState.Healthy, node.Now.State.Services["registry"].State);
    }

    /// <summary>Registers a guest and waits until the node has seen it: what it has not seen it cannot put back.</summary>
    private static async Task RegisterGuestAsync(TestNode node)
    {
        await using var client = await node.ConnectAsync("registry");
        await client.CallAsync("registry.register", Guest, ContractsJson.Default.RegisterParams, ContractsJson.Default.StatusResult);
        Assert.True(SpinWait.SpinUntil(() => node.Registry.Plan.Known.ContainsKey("guest"), Deadline));
    }
}
