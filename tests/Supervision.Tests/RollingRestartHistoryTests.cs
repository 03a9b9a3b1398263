namespace Strata.Supervision.Tests;

/// <summary>What the log and an explanation tell of the two instances of a rolling restart, and when each of them is signalled.</summary>
public sealed class RollingRestartHistoryTests
{
    private readonly Node _node = Node.Running(Node.Service("a") with { DrainTimeout = TimeSpan.FromSeconds(3) });

    [Fact]
    public void A_replacement_is_told_from_the_command_to_the_end_of_the_old_instance()
    {
        Replace();
        Exited(1, 0);

        Assert.Equal(
            [
                (EventKind.InstanceAdded, "the operator replaces it: instance 2 comes up beside it"),
                (EventKind.InstanceReplaced, "instance 2 is ready and has taken over; instance 1 drains"),
                (EventKind.InstanceGone, "instance 1, which was replaced, exited with code 0"),
            ],
            Told(_node));
    }

    [Fact]
    public void Every_kill_of_the_old_instance_is_told_and_explained()
    {
        Replace();
        _node.ToDeadline();
        Assert.EndsWith("; instance 1, which was replaced, is being killed", _node.Explain("a").Next, StringComparison.Ordinal);
        _node.ToDeadline();
        _node.Apply(new NodeEvent.Exited("a", 1, ExitStatus.BySignal(9)));

        Assert.Equal(
            [
                (EventKind.ProcessKilled, "instance 1, which was replaced, did not end in time and was killed"),
                (EventKind.ProcessKilled, "instance 1, which was replaced, did not go when killed and was killed again"),
                (EventKind.InstanceGone, "instance 1, which was replaced, was ended by signal 9 (SIGKILL)"),
            ],
            Told(_node)[2..]);
    }

    [Fact]
    public void A_new_instance_that_is_too_slow_is_told_as_given_up_until_it_is_gone()
    {
        Roll();
        Spawned(2);
        _node.ToDeadline();
        Assert.EndsWith("; instance 2, which was given up, is being killed", _node.Explain("a").Next, StringComparison.Ordinal);
        _node.ToDeadline();
        Exited(2, 0);

        Assert.Equal(
            [
                (EventKind.InstanceFailed, "instance 2 was not ready within 5 s"),
                (EventKind.ProcessKilled, "instance 2, which was given up, did not go when killed and was killed again"),
                (EventKind.InstanceGone, "instance 2, which was given up, exited with code 0"),
            ],
            Told(_node)[1..]);
    }

    [Fact]
    public void A_new_instance_that_is_not_needed_any_more_is_told_with_what_became_of_the_one_it_should_replace()
    {
        Roll();
        Spawned(2);
        Exited(1, 1);

        Assert.Equal((EventKind.InstanceFailed, "instance 2 is not needed any more: the one it should replace is Crashed"), Told(_node)[^1]);
    }

    [Fact]
    public void A_sign_of_life_of_the_present_instance_does_not_give_the_new_one_up()
    {
        var node = Node.Running(Node.Service("a") with { Watchdog = new WatchdogPolicy { Interval = TimeSpan.FromSeconds(9) } });
        node.Apply(new NodeEvent.Roll("a"));
        node.Apply(new NodeEvent.WatchdogPing("a", 1));

        Assert.Equal(SecondRole.Incoming, node["a"].Second!.Role);
    }

    [Fact]
    public void A_shutdown_gives_a_new_instance_up_at_once_even_while_dependants_keep_the_present_one_serving()
    {
        var node = Node.Running(Node.Service("base"), Node.Service("a", "base"));
        node.Apply(new NodeEvent.Roll("base"));
        node.Apply(new NodeEvent.Spawned("base", 2, 2002));

        node.Shutdown();

        Assert.Equal((ServiceState.Healthy, SecondRole.Discarded), (node["base"].State, node["base"].Second!.Role));
        Assert.True(node.Did<Effect.Signal>(s => s is { Name: "base", Incarnation: 2, What: ProcessSignal.Kill }));
        Assert.Equal((EventKind.InstanceFailed, "instance 2 is not needed any more: the node shuts down"), Told(node)[^1]);
    }

    [Fact]
    public void A_shutdown_leaves_the_old_instance_behind_after_as_many_kills_as_any_process()
    {
        Replace();
        _node.Shutdown();
        _node.Exits("a", 0);
        var kills = 0;
        while (!_node.State.Ended)
        {
            _node.ToDeadline();
            kills += _node.Effects.OfType<Effect.Signal>().Count(s => s is { Incarnation: 1, What: ProcessSignal.Kill });
        }

        Assert.Equal(NodeMachine.MaxKillAttempts, kills);
        Assert.Equal((EventKind.InstanceGone, "instance 1 survived every kill and is left behind"), Told(_node)[^1]);
    }

    [Fact]
    public void Without_a_shutdown_the_old_instance_is_killed_for_as_long_as_it_stays()
    {
        Replace();
        for (var kill = 1; kill <= NodeMachine.MaxKillAttempts + 2; kill++)
        {
            _node.ToDeadline();
            Assert.True(_node.Did<Effect.Signal>(s => s is { Incarnation: 1, What: ProcessSignal.Kill }));
        }

        Assert.NotNull(_node["a"].Second);
        Assert.Empty(_node.State.Abandoned);
    }

    [Fact]
    public void An_old_instance_whose_spawn_is_confirmed_only_after_it_was_replaced_is_asked_to_end_then()
    {
        var node = new Node(Node.Service("a"));
        node.Start("a");
        node.Ready("a");
        node.Apply(new NodeEvent.Roll("a"));
        node.Apply(new NodeEvent.Ready("a", 2));
        Assert.False(node.Did<Effect.Signal>());

        node.Apply(new NodeEvent.Spawned("a", 1, 1001));

        Assert.True(node.Did<Effect.Signal>(s => s is { Incarnation: 1, Pid: 1001, What: ProcessSignal.Terminate }));
    }

    [Fact]
    public void Every_service_that_a_new_instance_would_wait_for_is_named()
    {
        var node = Node.Running(Node.Service("x"), Node.Service("y"), Node.Service("a", "x", "y"));
        node.Stop("x");
        node.Stop("y");

        Assert.EndsWith("one would wait for x (Stopping), y (Stopping)", node.Apply(new NodeEvent.Roll("a")).Message, StringComparison.Ordinal);
    }

    private static (EventKind Kind, string Cause)[] Told(Node node) =>
        [.. node.State.Log.Read(1).Records.Where(r => r.Kind is EventKind.InstanceAdded or EventKind.InstanceReplaced or EventKind.InstanceFailed or EventKind.InstanceGone or EventKind.ProcessKilled).Select(r => (r.Kind, r.Cause))];

    private void Roll() => Assert.Equal(CommandStatus.Ok, _node.Apply(new NodeEvent.Roll("a")).Status);

    private void Spawned(int incarnation) => _node.Apply(new NodeEvent.Spawned("a", incarnation, 2000 + incarnation));

    private void Exited(int incarnation, int code) => _node.Apply(new NodeEvent.Exited("a", incarnation, ExitStatus.WithCode(code)));

    private void Replace()
    {
        Roll();
        Spawned(2);
        _node.Apply(new NodeEvent.Ready("a", 2));
        Assert.Equal(2, _node["a"].Process!.Incarnation);
    }
}
