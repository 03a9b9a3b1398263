namespace Strata.Supervision.Tests;

/// <summary>A new instance beside the old one, and whatever may happen to the two.</summary>
public sealed class RollingRestartTests
{
    private readonly Node _node = Node.Running(Node.Service("a") with { DrainTimeout = TimeSpan.FromSeconds(3) });

    private SecondInstance? Second => _node["a"].Second;

    [Fact]
    public void The_new_instance_is_ready_before_the_old_one_is_asked_to_end()
    {
        Assert.Equal(CommandStatus.Ok, Roll().Status);
        Assert.True(_node.Did<Effect.Spawn>(s => s.Incarnation == 2));
        Assert.False(_node.Did<Effect.Signal>());

        Spawned(2);
        Assert.Equal((1, SecondRole.Incoming), (_node["a"].Process!.Incarnation, Second!.Role));
        Ready(2);

        Assert.True(_node.Did<Effect.Signal>(s => s is { Incarnation: 1, What: ProcessSignal.Terminate }));
        Assert.Equal((ServiceState.Healthy, 2, 1, SecondRole.Outgoing), (_node["a"].State, _node["a"].Process!.Incarnation, Second.Process.Incarnation, Second.Role));
        Assert.False(_node.Did<Effect.Unregister>());
        Exited(1, 0);
        Assert.Null(Second);
        Assert.Equal((ServiceState.Healthy, 2002), (_node["a"].State, _node["a"].Pid));
        Assert.Null(_node.State.NextDeadline);
        Assert.Equal([EventKind.InstanceAdded, EventKind.InstanceReplaced, EventKind.InstanceGone], Kinds());
    }

    [Fact]
    public void An_old_instance_that_does_not_drain_in_time_is_killed_until_it_goes()
    {
        Replaced();

        Assert.Equal(TimeSpan.FromSeconds(3), _node.ToDeadline());
        Assert.True(_node.Did<Effect.Signal>(s => s is { Incarnation: 1, What: ProcessSignal.Kill }));
        Assert.Equal(ServiceActions.KillRetry, _node.ToDeadline());
        Assert.Equal(2, Second!.KillAttempts);
        Exited(1, 0);
        Assert.Equal((ServiceState.Healthy, 2), (_node["a"].State, _node["a"].Process!.Incarnation));
    }

    [Fact]
    public void The_operators_drain_time_counts_for_the_old_instance()
    {
        Assert.Equal(CommandStatus.Ok, _node.Apply(Command(TimeSpan.FromSeconds(1))).Status);
        Spawned(2);
        Ready(2);

        Assert.Equal(TimeSpan.FromSeconds(1), _node.ToDeadline());
        Assert.True(_node.Did<Effect.Signal>(s => s is { Incarnation: 1, What: ProcessSignal.Kill }));
    }

    [Fact]
    public void A_new_instance_that_exits_leaves_the_old_one_as_it_was()
    {
        Roll();
        Spawned(2);
        Exited(2, 3);

        AssertKept("instance 2 exited with code 3 before it was ready");
    }

    [Fact]
    public void A_new_instance_that_cannot_be_spawned_leaves_the_old_one_as_it_was()
    {
        Roll();
        _node.Apply(new NodeEvent.SpawnFailed("a", 2, "no memory"));

        AssertKept("instance 2 could not be spawned: no memory before it was ready");
    }

    [Fact]
    public void A_new_instance_that_is_not_ready_in_time_is_killed_and_the_old_one_stays()
    {
        Roll();
        Spawned(2);
        Assert.Equal(TimeSpan.FromSeconds(5), _node.ToDeadline());

        Assert.True(_node.Did<Effect.Signal>(s => s is { Incarnation: 2, What: ProcessSignal.Kill }));
        Ready(2);
        Assert.Equal(1, _node["a"].Process!.Incarnation);
        Exited(2, 0);
        Assert.Null(Second);
        Assert.Equal((ServiceState.Healthy, 1, 0), (_node["a"].State, _node["a"].Process!.Incarnation, _node["a"].RecentCrashes.Length));
    }

    [Fact]
    public void A_new_instance_that_comes_to_be_after_it_was_given_up_is_killed_at_once()
    {
        Roll();
        _node.ToDeadline();
        Assert.False(_node.Did<Effect.Signal>());

        Spawned(2);

        Assert.True(_node.Did<Effect.Signal>(s => s is { Incarnation: 2, What: ProcessSignal.Kill, Pid: 2002 }));
    }

    [Fact]
    public void When_the_old_instance_crashes_meanwhile_the_new_one_is_given_up_and_the_usual_follows()
    {
        Roll();
        Spawned(2);
        Exited(1, 1);

        Assert.True(_node.Did<Effect.Signal>(s => s is { Incarnation: 2, What: ProcessSignal.Kill }));
        Assert.Equal((ServiceState.Restarting, SecondRole.Discarded), (_node["a"].State, Second!.Role));
        Exited(2, 0);
        _node.Recover("a");

        Assert.Equal(3, _node["a"].Process!.Incarnation);
    }

    [Fact]
    public void When_the_new_instance_crashes_once_it_serves_it_restarts_while_the_old_one_drains()
    {
        Replaced();
        _node.Exits("a", 1);
        Assert.Equal((ServiceState.Restarting, SecondRole.Outgoing), (_node["a"].State, Second!.Role));

        _node.Recover("a");

        Assert.Equal((ServiceState.Healthy, 3, 1), (_node["a"].State, _node["a"].Process!.Incarnation, Second!.Process.Incarnation));
    }

    [Fact]
    public void A_shutdown_gives_the_new_instance_up_and_ends_when_both_are_gone()
    {
        Roll();
        Spawned(2);
        _node.Shutdown();
        Assert.True(_node.Did<Effect.Signal>(s => s is { Incarnation: 2, What: ProcessSignal.Kill }));
        Exited(1, 0);
        Assert.False(_node.State.Ended);

        Exited(2, 0);

        Assert.True(_node.State.Ended);
    }

    [Fact]
    public void What_it_depends_on_is_stopped_only_after_the_old_instance_is_gone_too()
    {
        var node = Node.Running(Node.Service("base"), Node.Service("a", "base"));
        node.Apply(new NodeEvent.Roll("a"));
        node.Apply(new NodeEvent.Spawned("a", 2, 2002));
        node.Apply(new NodeEvent.Ready("a", 2));
        node.Shutdown();
        node.Exits("a", 0);
        Assert.Equal((ServiceState.Stopped, ServiceState.Healthy), (node["a"].State, node["base"].State));

        node.Apply(new NodeEvent.Exited("a", 1, ExitStatus.WithCode(0)));

        Assert.Equal(ServiceState.Stopping, node["base"].State);
    }

    [Fact]
    public void A_shutdown_leaves_an_old_instance_behind_that_survives_every_kill_and_says_so()
    {
        Replaced();
        _node.Shutdown();
        _node.Exits("a", 0);
        while (!_node.State.Ended)
        {
            _node.ToDeadline();
        }

        Assert.Equal(["a"], _node.State.Abandoned);
    }

    [Fact]
    public void Readiness_counts_in_the_way_of_the_manifest_for_a_second_instance_too()
    {
        var node = new Node(Node.Service("a") with { Readiness = new ReadinessPolicy { Method = ReadinessMethod.None } });
        node.Start("a");
        node.Spawned("a");
        node.Apply(new NodeEvent.Roll("a"));
        node.Apply(new NodeEvent.Ready("a", 2));
        Assert.Equal(1, node["a"].Process!.Incarnation);
        node.Apply(new NodeEvent.Spawned("a", 2, 2002));
        Assert.Equal(2, node["a"].Process!.Incarnation);
    }

    [Fact]
    public void The_watchdog_watches_the_instance_that_serves()
    {
        var node = Node.Running(Node.Service("a") with { Watchdog = new WatchdogPolicy { Interval = TimeSpan.FromSeconds(1) } });
        node.Apply(new NodeEvent.Roll("a"));
        node.Apply(new NodeEvent.Spawned("a", 2, 2002));
        node.Apply(new NodeEvent.WatchdogPing("a", 2));
        Assert.Equal(TimeSpan.FromSeconds(1), node["a"].Timer!.Value.Due - node.Clock);
        node.Pass(TimeSpan.FromMilliseconds(900));
        node.Apply(new NodeEvent.Ready("a", 2));

        Assert.Equal(TimeSpan.FromSeconds(1), node["a"].Timer!.Value.Due - node.Clock);
    }

    [Fact]
    public void It_is_refused_with_the_reason_where_it_cannot_be()
    {
        AssertRefused("has no socket", new Node(Node.Service("a") with { Socket = null }));
        AssertRefused("has no socket", new Node(Node.Service("a") with { Kind = ServiceKind.Oneshot }));
        AssertRefused("socket.rolling", Node.Running(Node.Service("a") with { Socket = new SocketPolicy { Rolling = false } }));
        AssertRefused("is Declared, and only a Healthy service", new Node(Node.Service("a")));
        Roll();
        AssertRefused("is being replaced already", _node);
        Spawned(2);
        Ready(2);
        AssertRefused("still has instance 1 ending", _node);
    }

    [Fact]
    public void It_is_refused_while_a_new_instance_would_have_to_wait_for_another_service()
    {
        var node = Node.Running(Node.Service("base"), Node.Service("a", "base"));
        node.Stop("base");

        AssertRefused("one would wait for base (Stopping)", node);
    }

    [Fact]
    public void An_unknown_name_a_drain_out_of_range_and_a_shutdown_are_answered_like_any_command()
    {
        Assert.Equal(CommandStatus.NotFound, _node.Apply(new NodeEvent.Roll("b")).Status);
        Assert.Equal(CommandStatus.Invalid, _node.Apply(Command(ManifestLimits.MaxDrain + TimeSpan.FromTicks(1))).Status);
        _node.Shutdown();
        Assert.Equal(CommandStatus.Unavailable, Roll().Status);
        _node.Exits("a", 0);
        Assert.True(_node.State.Ended);
        Assert.Equal(CommandStatus.Unavailable, Roll().Status);
    }

    [Fact]
    public void An_explanation_tells_of_the_second_instance()
    {
        Roll();
        Assert.Contains("instance 2 takes over when it is ready", _node.Explain("a").Summary, StringComparison.Ordinal);
        Spawned(2);
        Ready(2);
        Assert.Contains("instance 2 has taken over", _node.Explain("a").Summary, StringComparison.Ordinal);
        Assert.Contains("instance 1, which was replaced, drains", _node.Explain("a").Summary, StringComparison.Ordinal);
    }

    private static NodeEvent.Roll Command(TimeSpan? drain = null) => new("a", drain);

    private static void AssertRefused(string why, Node node)
    {
        var result = node.Apply(Command());
        Assert.Equal(CommandStatus.Conflict, result.Status);
        Assert.Contains(why, result.Message, StringComparison.Ordinal);
    }

    private CommandResult Roll() => _node.Apply(Command());

    private void Spawned(int incarnation) => _node.Apply(new NodeEvent.Spawned("a", incarnation, 2000 + incarnation));

    private void Ready(int incarnation) => _node.Apply(new NodeEvent.Ready("a", incarnation));

    private void Exited(int incarnation, int code) => _node.Apply(new NodeEvent.Exited("a", incarnation, ExitStatus.WithCode(code)));

    private void Replaced()
    {
        Roll();
        Spawned(2);
        Ready(2);
        Assert.Equal(2, _node["a"].Process!.Incarnation);
    }

    private void AssertKept(string cause)
    {
        Assert.Null(Second);
        Assert.Equal((ServiceState.Healthy, 1, 0), (_node["a"].State, _node["a"].Process!.Incarnation, _node["a"].RecentCrashes.Length));
        Assert.False(_node.Did<Effect.Signal>());
        Assert.Equal(cause, _node.State.Log.Read(1).Records[^1].Cause);
        Assert.Equal(EventKind.InstanceFailed, Kinds()[^1]);
    }

    private List<EventKind> Kinds() => [.. _node.State.Log.Read(1).Records.Select(r => r.Kind).Where(k => k.ToString().StartsWith("Instance", StringComparison.Ordinal))];
}
