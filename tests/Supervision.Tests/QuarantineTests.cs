namespace Strata.Supervision.Tests;

public sealed class QuarantineTests
{
    [Fact]
    public void The_fifth_crash_within_the_window_quarantines_and_the_fourth_does_not()
    {
        var node = Crashed(4);
        Assert.Equal(ServiceState.Restarting, node["a"].State);
        node.Recover("a");

        node.Exits("a");

        Assert.Equal(ServiceState.Quarantined, node["a"].State);
        Assert.Null(node.State.NextDeadline);
        Assert.False(node.Did<Effect.Spawn>());
    }

    [Fact]
    public void A_crash_one_window_ago_has_left_the_window()
    {
        var node = Crashed(1);
        var first = node["a"].RecentCrashes[0];
        node.Recover("a");
        node.Exits("a");
        node.Recover("a");
        node.Exits("a");
        node.Recover("a");
        node.Exits("a");
        node.Recover("a");
        node.Pass(first + TimeSpan.FromSeconds(120) - node.Clock);

        node.Exits("a");

        Assert.Equal(ServiceState.Restarting, node["a"].State);
        Assert.Equal(4, node["a"].RecentCrashes.Length);
    }

    [Fact]
    public void A_start_clears_the_quarantine_and_its_window()
    {
        var node = Crashed(5);

        Assert.Equal(CommandStatus.Ok, node.Start("a").Status);

        Assert.Equal(ServiceState.Starting, node["a"].State);
        Assert.Empty(node["a"].RecentCrashes);
        node.ComeUp("a");
        node.Exits("a");
        Assert.Equal(ServiceState.Restarting, node["a"].State);
    }

    [Fact]
    public void A_quarantined_service_can_be_stopped()
    {
        var node = Crashed(5);

        Assert.Equal(CommandStatus.Ok, node.Stop("a").Status);

        Assert.Equal(ServiceState.Stopped, node["a"].State);
    }

    [Fact]
    public void A_policy_of_one_crash_quarantines_at_the_first()
    {
        var node = Node.Running(Node.Service("a") with { Quarantine = new QuarantinePolicy { Crashes = 1 } });

        node.Exits("a");

        Assert.Equal(ServiceState.Quarantined, node["a"].State);
    }

    [Fact]
    public void A_step_of_the_wall_clock_changes_neither_backoff_nor_quarantine()
    {
        var node = Crashed(4);
        node.WallSkew = TimeSpan.FromDays(365);
        node.Tick();
        Assert.Equal(ServiceState.Restarting, node["a"].State);
        node.WallSkew = TimeSpan.FromDays(-365);
        node.Recover("a");

        node.Exits("a");

        Assert.Equal(ServiceState.Quarantined, node["a"].State);
    }

    private static Node Crashed(int times)
    {
        var node = Node.Running(Node.Service("a"));
        node.Exits("a");
        for (var crash = 1; crash < times; crash++)
        {
            node.Recover("a");
            node.Exits("a");
        }

        return node;
    }
}
