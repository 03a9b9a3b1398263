using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor.Tests;

/// <summary>Descriptors that outlive the process that had them.</summary>
public sealed class DescriptorStoreTests
{
    private static readonly ServiceManifest Keeper = TestNode.Stub("a") with { FdStoreMax = 2 };

    [Fact]
    public async Task They_are_handed_to_the_next_instance_after_its_socket_in_the_order_they_came_up_to_the_bound()
    {
        await using var node = TestNode.Start(Keeper, "keeper");
        await node.UntilAsync("a", ServiceState.Healthy);
        await RestartAsync(node, 2);
        await RestartAsync(node, 3);
        await RestartAsync(node, 4);

        // The fourth instance finds the two of the bound, and what the third stored in vain is gone.
        Assert.Equal(["1", "2 run1=a", "3 run1=a run2=a", "3 run1=a run2=a"], Handed(node));
    }

    [Fact]
    public async Task A_crash_and_a_rolling_restart_keep_them_and_a_stop_drops_them()
    {
        await using var node = TestNode.Start(Keeper, "keeper");
        var first = await node.UntilAsync("a", ServiceState.Healthy);
        Processes.Send(first.Pid!.Value, Signal.SIGKILL);
        await node.UntilAsync(n => n.State.Services["a"] is { State: ServiceState.Healthy, Incarnation: 2 } ? n : null);
        _ = await node.Loop.TrySend(new NodeEvent.Roll("a"))!;
        await node.UntilAsync(n => n.State.Services["a"] is { State: ServiceState.Healthy, Incarnation: 3, Second: null } ? n : null);
        _ = await node.Loop.TrySend(new NodeEvent.Stop("a"))!;
        await node.UntilAsync("a", ServiceState.Stopped);
        _ = await node.Loop.TrySend(new NodeEvent.Start("a"))!;
        await node.UntilAsync("a", ServiceState.Healthy);

        Assert.Equal(["1", "2 run1=a", "3 run1=a run2=a", "1"], Handed(node));
    }

    [Fact]
    public async Task Without_the_field_nothing_is_kept()
    {
        await using var node = TestNode.Start(Keeper with { FdStoreMax = 0 }, "keeper");
        await node.UntilAsync("a", ServiceState.Healthy);
        await RestartAsync(node, 2);

        Assert.Equal(["1", "1"], Handed(node));
    }

    [Fact]
    public void A_name_is_forgotten_with_all_that_is_kept_under_it()
    {
        using var store = new DescriptorStore();
        Assert.Equal(0, store.Take("a", Message("x", 2), most: 4));
        Assert.Equal(1, store.Take("a", Message("y", 3), most: 4));
        using (var copy = store.Copy("a"))
        {
            Assert.Equal(["x", "x", "y", "y"], copy.Names);
        }

        store.Take("a", new NotifyMessage(default, false, false, false, null) { Forgets = true, Name = "x" }, most: 4);

        using var rest = store.Copy("a");
        Assert.Equal(["y", "y"], rest.Names);
        store.Drop("a");
        using var none = store.Copy("a");
        Assert.Empty(none.Names);
        Assert.Equal(1, Descriptors.TryGetCloseOnExec(rest.Numbers[0]));
    }

    [Fact]
    public async Task What_finds_no_room_is_closed()
    {
        using var store = new DescriptorStore();
        using var pipe = Pipe.Create();
        var message = new NotifyMessage(default, false, false, false, null) { Stores = true, Descriptors = [FileDescriptor.Duplicate(pipe.Writer.Number)] };
        pipe.Writer.Dispose();

        Assert.Equal(1, store.Take("a", message, most: 0));

        // A process that another test is about to start may have a writer for a moment.
        await Patience.UntilAsync(() => Descriptors.TryRead(pipe.Reader.Number, new byte[1]) == 0);
    }

    private static NotifyMessage Message(string name, int count)
    {
        using var pipe = Pipe.Create();
        return new NotifyMessage(default, false, false, false, null)
        {
            Stores = true, Name = name, Descriptors = [.. Enumerable.Range(0, count).Select(_ => FileDescriptor.Duplicate(pipe.Reader.Number))],
        };
    }

    private static async Task RestartAsync(TestNode node, int incarnation)
    {
        _ = await node.Loop.TrySend(new NodeEvent.Restart("a"))!;
        await node.UntilAsync(n => n.State.Services["a"] is { State: ServiceState.Healthy } service && service.Incarnation == incarnation ? n : null);
    }

    private static string[] Handed(TestNode node) => File.ReadAllLines(node.PathOfPlan("a") + ".fds");
}
