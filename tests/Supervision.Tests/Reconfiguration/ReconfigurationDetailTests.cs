namespace Strata.Supervision.Tests.Reconfiguration;

/// <summary>What a configuration keeps of a service, what it forgets, and what is said of it.</summary>
public sealed class ReconfigurationDetailTests
{
    private static readonly ServiceManifest A = Node.Service("a") with { Quarantine = new QuarantinePolicy { Crashes = 5 } };

    [Fact]
    public void Crashes_stay_counted_through_a_change_that_says_nothing_of_them()
    {
        var node = Crashed();
        node.Reconfigure(A with { Description = "x" });
        Assert.Equal((1, 1), (node["a"].RecentCrashes.Length, node["a"].ConsecutiveCrashes));
    }

    [Fact]
    public void Crashes_are_forgotten_when_what_counts_as_too_many_changes_among_other_things()
    {
        var node = Crashed();
        node.Reconfigure(A with { Description = "x", Quarantine = new QuarantinePolicy { Crashes = 4 } });
        Assert.Equal((0, 1), (node["a"].RecentCrashes.Length, node["a"].ConsecutiveCrashes));
    }

    [Fact]
    public void A_retry_that_waits_for_another_service_is_forgiven_by_a_new_program_and_not_by_a_new_description()
    {
        var node = Waiting();
        node.Reconfigure(Node.Service("b"), A with { Requires = ["b"], Description = "x" });
        Assert.Equal((1, 1), (node["a"].RecentCrashes.Length, node["a"].ConsecutiveCrashes));
        node.Reconfigure(Node.Service("b"), A with { Requires = ["b"], Program = "/bin/new" });
        Assert.Equal((ServicePhase.AwaitingDependencies, 0, 0), (node["a"].Phase, node["a"].RecentCrashes.Length, node["a"].ConsecutiveCrashes));
    }

    [Fact]
    public void A_backoff_that_ends_sooner_than_the_longest_is_left_alone()
    {
        var node = Crashed();
        var due = node["a"].Timer;
        node.Reconfigure(A with { Description = "x" });
        Assert.Equal(due, node["a"].Timer);
    }

    [Fact]
    public void The_time_of_a_timer_stays_unless_a_change_says_something_of_it()
    {
        var timer = A with { Kind = ServiceKind.Timer, Timer = new TimerPolicy { Every = TimeSpan.FromMinutes(5) } };
        var node = new Node(timer);
        node.Apply(new NodeEvent.StartAll());
        node.Pass(TimeSpan.FromMinutes(1));
        node.Reconfigure(timer with { Description = "x" });
        Assert.Equal(TimeSpan.FromMinutes(4), node.Explain("a").NextIn);
        node.Reconfigure(timer with { Description = "y", Timer = new TimerPolicy { Every = TimeSpan.FromMinutes(3) } });
        Assert.Equal(TimeSpan.FromMinutes(3), node.Explain("a").NextIn);
    }

    [Fact]
    public void A_service_that_becomes_a_timer_while_it_waits_for_another_waits_for_its_time_instead()
    {
        var node = Waiting();
        node.Reconfigure(Node.Service("b"), A with { Requires = ["b"], Kind = ServiceKind.Timer, Timer = new TimerPolicy { Every = TimeSpan.FromMinutes(5) } });
        Assert.Equal((ServiceState.Waiting, "its manifest changed", TimeSpan.FromMinutes(5)), (node["a"].State, node["a"].Because, node.Explain("a").NextIn));
    }

    [Fact]
    public void A_run_of_a_timer_that_waits_for_another_service_goes_on_waiting_through_a_change()
    {
        var timer = A with { Requires = ["b"], Kind = ServiceKind.Timer, Timer = new TimerPolicy { Every = TimeSpan.FromMinutes(5) } };
        var node = new Node(Node.Service("b"), timer);
        node.Apply(new NodeEvent.StartAll());
        node.Stop("b");
        node.Pass(TimeSpan.FromMinutes(5));
        node.Tick();
        Assert.Equal(ServicePhase.AwaitingDependencies, node["a"].Phase);
        node.Reconfigure(Node.Service("b"), timer with { Description = "x" });
        Assert.Equal(ServicePhase.AwaitingDependencies, node["a"].Phase);
    }

    [Fact]
    public void A_service_whose_manifest_comes_back_is_one_like_any_other()
    {
        var node = Node.Running(A, Node.Service("b"));
        node.Stop("b");
        node.Reconfigure(A);
        node.Reconfigure(A, Node.Service("b"));
        Assert.Equal(("its manifest is back", false), (node["b"].Because, node["b"].StoppedByOperator));
        node.Exits("b", 0);
        node.ComeUp("b");
        Assert.Equal(CommandStatus.Ok, node.Restart("b").Status);
        node.Exits("b", 0);
        node.ComeUp("b");
        node.Stop("b");
        node.Exits("b", 0);
        Assert.Equal(ServiceState.Stopped, node["b"].State);
    }

    [Fact]
    public void What_was_removed_is_forgotten_by_name_and_the_highest_of_its_instances_is_remembered()
    {
        var node = Node.Running(A, Node.Service("c"), Node.Service("b"));
        node.Restart("c");
        node.Exits("c", 0);
        node.Stop("b");
        node.Exits("b", 0);
        node.Stop("c");
        node.Exits("c", 0);
        node.Reconfigure(A);
        Assert.Equal(["b", "c"], node.Effects.OfType<Effect.Remove>().Select(e => e.Name));
        node.Reconfigure(A, Node.Service("d"));
        Assert.True(node.Did<Effect.Spawn>(s => s is { Name: "d", Incarnation: 3 }));
    }

    [Fact]
    public void Only_what_is_removed_and_has_a_process_counts_as_stopping()
    {
        var node = Node.Running([.. Enumerable.Range(0, ManifestLimits.MaxServices).Select(i => Node.Service($"x{i}"))]);
        node.Reconfigure(A);
        Assert.Equal(CommandStatus.Ok, node.Reconfigure(A with { Description = "stays" }).Status);
        node.ComeUp("a");
        node.Apply(new NodeEvent.Roll("a"));
        node.Apply(new NodeEvent.Spawned("a", 2, 2002));
        node.Apply(new NodeEvent.Ready("a", 2));
        node.Stop("a");
        node.Exits("a", 0);
        Assert.Equal(CommandStatus.Conflict, node.Reconfigure(Node.Service("b")).Status);
        node.Apply(new NodeEvent.Exited("a", 1, ExitStatus.WithCode(0)));
        Assert.Equal(CommandStatus.Ok, node.Reconfigure(Node.Service("b")).Status);
    }

    [Fact]
    public void The_log_names_the_first_eight_of_each_kind_and_counts_the_others()
    {
        Assert.Equal("configuration 2: adds s0, s1, s2, s3, s4, s5, s6, s7", Told(8));
        Assert.Equal("configuration 2: adds s0, s1, s2, s3, s4, s5, s6, s7 and 2 more", Told(10));

        static string Told(int count)
        {
            var node = new Node(A);
            node.Reconfigure([A, .. Enumerable.Range(0, count).Select(i => Node.Service($"s{i}"))]);
            return node.State.Log.Read(1).Records.Single(r => r.Kind == EventKind.Reconfigured).Cause;
        }
    }

    [Fact]
    public void The_log_tells_who_restarts_with_another()
    {
        var group = A with { Strategy = RestartStrategy.RestForOne };
        var node = Node.Running(group, Node.Service("b", "a"));
        node.Reconfigure(group with { Program = "/bin/new" }, Node.Service("b", "a"));
        Assert.Equal("configuration 2: restarts a; restarts as well b", node.State.Log.Read(1).Records.Single(r => r.Kind == EventKind.Reconfigured).Cause);
    }

    private static Node Crashed()
    {
        var node = Node.Running(A);
        node.Exits("a");
        Assert.Equal(ServiceState.Restarting, node["a"].State);
        return node;
    }

    /// <summary>a has crashed once, and its retry waits for b, which is stopped.</summary>
    private static Node Waiting()
    {
        var node = Node.Running(Node.Service("b"), A with { Requires = ["b"] });
        node.Stop("b");
        node.Exits("b", 0);
        node.Exits("a");
        node.ToDeadline();
        Assert.Equal(ServicePhase.AwaitingDependencies, node["a"].Phase);
        return node;
    }
}
