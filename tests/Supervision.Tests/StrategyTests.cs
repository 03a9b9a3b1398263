namespace Strata.Supervision.Tests;

public sealed class StrategyTests
{
    private static readonly ServiceManifest[] Chain =
    [
        Node.Service("a") with { Strategy = RestartStrategy.RestForOne }, Node.Service("b", "a"), Node.Service("c", "b"), Node.Service("d"),
    ];

    [Fact]
    public void Rest_for_one_drains_all_that_require_the_crashed_service_and_nobody_else()
    {
        var node = Node.Running(Chain);

        node.Exits("a");

        Assert.Equal(["b", "c"], node.Effects.OfType<Effect.Signal>().Where(s => s.What == ProcessSignal.Terminate).Select(s => s.Name));
        Assert.Equal(ServicePhase.Draining, node["b"].Phase);
        Assert.Equal(ServiceState.Healthy, node["d"].State);
        Assert.Equal("restarts with a, which crashed", node.Explain("c").Because);
        Assert.Equal("drains since SIGTERM; killed if it has not ended until then, and then started again", node.Explain("c").Next);
    }

    [Fact]
    public void Those_restarted_with_it_come_up_in_order_once_it_is_healthy_again()
    {
        var node = Node.Running(Chain);
        node.Exits("a");
        node.Exits("c", 0);
        node.Exits("b", 0);
        Assert.Equal(["b"], node.Explain("c").WaitingOn);
        Assert.Equal("restarts with a, which crashed", node["c"].Because);

        node.Recover("a");
        Assert.Equal(["b"], node.Effects.OfType<Effect.Spawn>().Select(s => s.Name));
        node.ComeUp("b");

        Assert.Equal(["c"], node.Effects.OfType<Effect.Spawn>().Select(s => s.Name));
        node.ComeUp("c");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void Being_restarted_with_another_is_no_crash_and_forgives_none(int exitCode)
    {
        var node = Node.Running(Chain);
        node.Exits("b");
        node.Recover("b");
        node.Exits("a");

        node.Exits("b", exitCode);

        Assert.Single(node["b"].RecentCrashes);
        Assert.Equal(1, node["b"].ConsecutiveCrashes);
        Assert.Equal(1, node["b"].LastCrash!.Incarnation);
        Assert.Equal(ServicePhase.AwaitingDependencies, node["b"].Phase);
        Assert.True(node["b"].Listed);
    }

    [Fact]
    public void A_crash_further_up_the_chain_does_not_touch_what_it_requires()
    {
        var node = Node.Running(Chain);

        node.Exits("c");

        Assert.Equal(ServiceState.Healthy, node["a"].State);
        Assert.Equal(ServiceState.Healthy, node["b"].State);
    }

    [Fact]
    public void A_hung_service_takes_its_dependants_along_when_it_is_killed()
    {
        var node = Node.Running(Chain[0] with { Watchdog = new WatchdogPolicy { Interval = TimeSpan.FromSeconds(1) } }, Chain[1] with { DrainTimeout = TimeSpan.Zero });

        node.ToDeadline();

        Assert.Equal(ServiceState.Crashed, node["a"].State);
        Assert.Equal(ServicePhase.Killing, node["b"].Phase);
        Assert.True(node.State.NextDeadline > node.Clock);
    }

    [Fact]
    public void One_for_all_restarts_the_group_in_both_directions_and_all_that_require_it()
    {
        var node = Node.Running(
            Node.Service("base") with { Strategy = RestartStrategy.OneForAll },
            Node.Service("peer", "base") with { Strategy = RestartStrategy.OneForAll },
            Node.Service("twin", "base") with { Strategy = RestartStrategy.OneForAll },
            Node.Service("user", "twin"),
            Node.Service("ground"),
            Node.Service("other", "ground") with { Strategy = RestartStrategy.OneForAll });

        node.Exits("peer");

        Assert.Equal(["base", "twin", "user"], Draining(node));
        node.Exits("base", 0);
        node.ToDeadline();
        Assert.Equal(["base"], node.Explain("peer").WaitingOn);
        node.ComeUp("base");
        Assert.True(node.Did<Effect.Spawn>(s => s.Name == "peer"));
    }

    [Fact]
    public void One_for_all_does_not_reach_through_services_of_another_strategy()
    {
        var node = Node.Running(
            Node.Service("a") with { Strategy = RestartStrategy.OneForAll }, Node.Service("b", "a"),
            Node.Service("c", "b") with { Strategy = RestartStrategy.OneForAll });

        node.Exits("c");

        Assert.Empty(Draining(node));
    }

    [Fact]
    public void Wants_and_after_do_not_make_a_service_restart_with_another()
    {
        var node = Node.Running(Chain[0], Node.Service("w") with { Wants = ["a"] }, Node.Service("x") with { After = ["a"] });

        node.Exits("a");

        Assert.Empty(Draining(node));
    }

    [Fact]
    public void A_restart_by_the_operator_is_not_a_crash_and_restarts_nobody_else()
    {
        var node = Node.Running(Chain);

        node.Restart("a");
        node.Exits("a", 0);

        Assert.Empty(Draining(node));
        Assert.Equal(1, node["b"].Incarnation);
    }

    [Fact]
    public void A_crash_that_is_not_answered_by_a_restart_touches_nobody()
    {
        var node = Node.Running(Chain[0] with { Restart = RestartPolicy.Never }, Chain[1]);
        node.Exits("a");
        Assert.Empty(Draining(node));

        node = Node.Running(Chain);
        node.Shutdown();
        node.Exits("a");
        Assert.Equal(ServiceState.Healthy, node["b"].State);
    }

    [Fact]
    public void A_quarantine_takes_the_dependants_down_to_wait_for_a_start()
    {
        var node = Node.Running(Chain[0] with { Quarantine = new QuarantinePolicy { Crashes = 1 } }, Chain[1]);
        node.Exits("a");

        node.Exits("b", 0);

        Assert.Equal("is spawned when these allow it: a (Quarantined; needs svc.start a)", node.Explain("b").Next);
    }

    [Fact]
    public void A_stop_while_it_drains_to_come_back_keeps_it_down_and_says_who_wanted_that()
    {
        var node = Node.Running(Chain);
        node.Exits("a");

        node.Stop("b");
        node.Exits("b", 0);

        Assert.Equal(ServiceState.Stopped, node["b"].State);
        Assert.Equal("the operator stopped it", node["b"].Because);
    }

    [Fact]
    public void A_service_whose_policy_is_never_is_restarted_with_another_all_the_same()
    {
        var node = Node.Running(Chain[0], Chain[1] with { Restart = RestartPolicy.Never });
        node.Exits("a");
        node.Exits("b", 0);

        node.Recover("a");

        node.ComeUp("b");
    }

    [Fact]
    public void A_service_that_is_still_starting_is_restarted_too()
    {
        var node = Node.Running(Chain[0], Chain[1]);
        node.Exits("b");
        node.ToDeadline();
        node.Spawned("b");

        node.Exits("a");

        Assert.Equal(["b"], Draining(node));
    }

    [Fact]
    public void An_unknown_strategy_is_refused() =>
        Assert.Equal("strategy", Assert.Single(ManifestValidator.Validate(Node.Service("a") with { Strategy = (RestartStrategy)3 })).Field);

    private static IEnumerable<string> Draining(Node node) =>
        node.State.Plan.Graph.StartOrder.Where(name => node[name].Phase == ServicePhase.Draining);

    [Fact]
    public void A_group_reaches_through_whoever_requires_two_of_it_to_the_other()
    {
        ServiceManifest[] pair = [Together("a"), Together("b"), Together("c", "a", "b")];
        var node = Node.Running(pair);

        node.Exits("a");

        Assert.Equal((ServicePhase.Draining, ServicePhase.Draining), (node["b"].Phase, node["c"].Phase));

        static ServiceManifest Together(string name, params string[] requires) => Node.Service(name, requires) with { Strategy = RestartStrategy.OneForAll };
    }
}
