namespace Strata.Supervision.Tests;

public sealed class OperatorTests
{
    [Fact]
    public void Starting_what_runs_is_a_conflict_that_says_so()
    {
        var node = Node.Running(Node.Service("a"));

        var result = node.Start("a");

        Assert.Equal(CommandStatus.Conflict, result.Status);
        Assert.Equal("a is already running", result.Message);
    }

    [Fact]
    public void Starting_what_starts_or_stops_is_a_conflict()
    {
        var node = new Node(Node.Service("a"));
        node.Start("a");
        Assert.Equal(CommandStatus.Conflict, node.Start("a").Status);
        node.ComeUp("a");
        node.Stop("a");
        Assert.Equal(CommandStatus.Conflict, node.Start("a").Status);
    }

    [Fact]
    public void An_unknown_service_is_not_found_and_the_nearest_name_is_named()
    {
        var node = Node.Running(Node.Service("identity"));

        Assert.Equal(CommandStatus.NotFound, node.Start("identiy").Status);
        Assert.Contains("did you mean identity?", node.Stop("identiy").Message, StringComparison.Ordinal);
        Assert.Equal("no such service", node.Restart("zzzzzzzz").Message);
    }

    [Fact]
    public void A_stop_drains_and_then_rests()
    {
        var node = Node.Running(Node.Service("a"));

        Assert.Equal(CommandStatus.Ok, node.Stop("a").Status);

        Assert.Equal(ServiceState.Stopping, node["a"].State);
        Assert.Equal(ServicePhase.Draining, node["a"].Phase);
        Assert.True(node.Did<Effect.Signal>(s => s.What == ProcessSignal.Terminate));
        node.Exits("a", 0);
        Assert.Equal(ServiceState.Stopped, node["a"].State);
        Assert.Null(node["a"].LastCrash);
        Assert.Null(node.State.NextDeadline);
    }

    [Fact]
    public void What_does_not_drain_in_time_is_killed()
    {
        var node = Node.Running(Node.Service("a"));
        node.Stop("a");

        Assert.Equal(TimeSpan.FromSeconds(2), node.ToDeadline());

        Assert.True(node.Did<Effect.Signal>(s => s.What == ProcessSignal.Kill));
        node.Apply(new NodeEvent.Exited("a", 1, ExitStatus.BySignal(9)));
        Assert.Equal(ServiceState.Stopped, node["a"].State);
    }

    [Fact]
    public void A_second_stop_shortens_the_drain_and_never_lengthens_it()
    {
        var node = Node.Running(Node.Service("a"));
        node.Stop("a", 10_000);
        node.Stop("a", 60_000);
        Assert.Equal(node.Clock + TimeSpan.FromSeconds(10), node.State.NextDeadline);

        node.Stop("a", 0);

        Assert.Equal(TimeSpan.Zero, node.ToDeadline());
        Assert.True(node.Did<Effect.Signal>(s => s.What == ProcessSignal.Kill));
    }

    [Theory]
    [InlineData(0, CommandStatus.Ok)]
    [InlineData(60_000, CommandStatus.Ok)]
    [InlineData(-1, CommandStatus.Invalid)]
    [InlineData(60_001, CommandStatus.Invalid)]
    public void The_drain_is_0_to_60_seconds(int drainMs, CommandStatus expected) =>
        Assert.Equal(expected, Node.Running(Node.Service("a")).Stop("a", drainMs).Status);

    [Fact]
    public void A_stop_during_the_backoff_stops()
    {
        var node = Node.Running(Node.Service("a"));
        node.Exits("a");

        Assert.Equal(CommandStatus.Ok, node.Stop("a").Status);

        Assert.Equal(ServiceState.Stopped, node["a"].State);
        Assert.Null(node.State.NextDeadline);
    }

    [Fact]
    public void A_stop_while_the_spawn_is_under_way_terminates_the_process_as_soon_as_it_exists()
    {
        var node = new Node(Node.Service("a"));
        node.Start("a");
        node.Stop("a");
        Assert.Equal(ServiceState.Stopping, node["a"].State);

        node.Spawned("a");

        Assert.True(node.Did<Effect.Signal>(s => s is { Pid: 1001, What: ProcessSignal.Terminate }));
        node.Exits("a");
        Assert.Equal(ServiceState.Stopped, node["a"].State);
    }

    [Fact]
    public void A_stop_whose_spawn_fails_afterwards_is_done()
    {
        var node = new Node(Node.Service("a"));
        node.Start("a");
        node.Stop("a");

        node.Apply(new NodeEvent.SpawnFailed("a", 1, "no memory"));

        Assert.Equal(ServiceState.Stopped, node["a"].State);
    }

    [Fact]
    public void A_stop_while_a_crashed_process_is_killed_prevents_the_restart()
    {
        var node = new Node(Node.Service("a"));
        node.Start("a");
        node.Spawned("a");
        node.ToDeadline();
        Assert.Equal(ServiceState.Crashed, node["a"].State);

        node.Stop("a");
        node.Exits("a");

        Assert.Equal(ServiceState.Stopped, node["a"].State);
    }

    [Fact]
    public void A_restart_drains_and_starts_a_new_instance_without_leaving_the_registry()
    {
        var node = Node.Running(Node.Service("registry"), Node.Service("a"));

        node.Restart("a");
        Assert.False(node.Did<Effect.Unregister>());
        Assert.Equal(CommandStatus.Conflict, node.Start("a").Status);
        node.Exits("a", 0);

        Assert.True(node.Did<Effect.Spawn>(s => s is { Name: "a", Incarnation: 2 }));
        Assert.Null(node["a"].LastCrash);
    }

    [Fact]
    public void A_stop_during_a_restart_wins()
    {
        var node = Node.Running(Node.Service("a"));
        node.Restart("a");
        node.Stop("a");

        node.Exits("a", 0);

        Assert.Equal(ServiceState.Stopped, node["a"].State);
    }

    [Fact]
    public void A_restart_of_what_rests_starts_it()
    {
        var node = new Node(Node.Service("a"));

        node.Restart("a");

        Assert.True(node.Did<Effect.Spawn>());
    }

    [Fact]
    public void Stopping_what_is_stopped_is_fine_and_changes_nothing()
    {
        var node = Node.Running(Node.Service("a"));
        node.Stop("a");
        node.Exits("a", 0);

        Assert.Equal(CommandStatus.Ok, node.Stop("a").Status);
        Assert.Empty(node.Effects);
    }
}
