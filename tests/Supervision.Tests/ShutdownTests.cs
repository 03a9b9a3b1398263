namespace Strata.Supervision.Tests;

public sealed class ShutdownTests
{
    [Fact]
    public void Services_stop_in_reverse_dependency_order_and_then_the_node_exits()
    {
        var node = Node.Running([.. BuiltInManifests.All]);

        node.Shutdown();

        Assert.Equal(["fs", "registry"], Terminated(node));
        node.Exits("registry", 0);
        Assert.Equal(ServiceState.Healthy, node["identity"].State);
        node.Exits("fs", 0);
        Assert.Equal(["identity"], Terminated(node));
        node.Exits("identity", 0);
        Assert.Empty(Assert.Single(node.Effects.OfType<Effect.Exit>()).Abandoned);
        Assert.True(node.State.Ended);
        Assert.Null(node.State.NextDeadline);
    }

    [Fact]
    public void A_node_that_runs_nothing_exits_at_once()
    {
        var node = new Node([.. BuiltInManifests.All]);

        node.Shutdown();

        Assert.True(node.Did<Effect.Exit>());
    }

    [Fact]
    public void A_shutdown_during_startup_leaves_nothing_behind()
    {
        var node = new Node([.. BuiltInManifests.All]);
        node.Apply(new NodeEvent.StartAll());
        node.Spawned("identity");

        node.Shutdown();

        Assert.Equal(ServiceState.Stopped, node["fs"].State);
        Assert.Equal(["identity"], Terminated(node));
        node.Spawned("registry");
        Assert.Equal(["registry"], Terminated(node));
        node.Exits("registry", 0);
        node.Exits("identity", 0);
        Assert.True(node.Did<Effect.Exit>());
    }

    [Fact]
    public void A_crash_during_the_shutdown_is_not_followed_by_a_restart()
    {
        var node = Node.Running(Node.Service("a"), Node.Service("b", "a"));
        node.Shutdown();

        node.Exits("a");

        Assert.Equal(ServiceState.Stopped, node["a"].State);
        Assert.DoesNotContain(node.Effects.OfType<Effect.Emit>(), e => e.Record.To == ServiceState.Restarting);
        node.Exits("b", 0);
        Assert.True(node.Did<Effect.Exit>());
    }

    [Fact]
    public void A_restart_under_way_ends_in_a_stop()
    {
        var node = Node.Running(Node.Service("a"));
        node.Restart("a");
        node.Shutdown();

        node.Exits("a", 0);

        Assert.True(node.Did<Effect.Exit>());
    }

    [Fact]
    public void A_backoff_under_way_ends_at_once()
    {
        var node = Node.Running(Node.Service("a"));
        node.Exits("a");

        node.Shutdown();

        Assert.True(node.Did<Effect.Exit>());
    }

    [Fact]
    public void Starts_are_unavailable_and_stops_are_fine_while_the_node_shuts_down_and_after()
    {
        var node = Node.Running(Node.Service("a"));
        node.Shutdown();
        Assert.Equal(CommandStatus.Unavailable, node.Start("a").Status);
        Assert.Equal(CommandStatus.Unavailable, node.Restart("a").Status);
        Assert.Equal(CommandStatus.Ok, node.Stop("a").Status);
        Assert.Equal(CommandStatus.NotFound, node.Start("nobody").Status);
        node.Exits("a", 0);
        Assert.Equal(CommandStatus.Unavailable, node.Start("a").Status);
    }

    [Fact]
    public void A_process_that_survives_every_kill_is_left_behind_by_name()
    {
        var node = Node.Running(Node.Service("a"));
        node.Shutdown();
        for (var kill = 0; kill < NodeMachine.MaxKillAttempts; kill++)
        {
            node.ToDeadline();
            Assert.True(node.Did<Effect.Signal>(s => s.What == ProcessSignal.Kill));
        }

        node.ToDeadline();

        Assert.Equal(["a"], Assert.Single(node.Effects.OfType<Effect.Exit>()).Abandoned);
    }

    [Fact]
    public void A_second_shutdown_and_a_start_of_everything_change_nothing()
    {
        var node = Node.Running(Node.Service("a"));
        node.Shutdown();
        node.Shutdown();
        Assert.Empty(node.Effects);
        node.Apply(new NodeEvent.StartAll());
        Assert.Empty(node.Effects);
    }

    private static string[] Terminated(Node node) =>
        [.. node.Effects.OfType<Effect.Signal>().Where(s => s.What == ProcessSignal.Terminate).Select(s => s.Name).Order()];
}
