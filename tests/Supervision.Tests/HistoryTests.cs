namespace Strata.Supervision.Tests;

/// <summary>What the log keeps of a service's life, in the order and in the words of what happened.</summary>
public sealed class HistoryTests
{
    private static readonly ServiceManifest Lazy = Node.Service("a") with { Socket = new SocketPolicy { OnDemand = true } };

    [Fact]
    public void Every_kill_of_a_process_that_does_not_end_is_told_with_its_reason()
    {
        var node = Node.Running(Node.Service("a"));
        node.Stop("a");
        node.ToDeadline();
        node.ToDeadline();

        Assert.Equal(
            ["did not end in time and was killed", "did not go when killed and was killed again"],
            node.State.Log.Read(1).Records.Where(r => r.Kind == EventKind.ProcessKilled).Select(r => r.Cause));
    }

    [Fact]
    public void Kills_are_counted_of_the_present_process_alone()
    {
        var node = Node.Running(Node.Service("a") with { Watchdog = new WatchdogPolicy { Interval = TimeSpan.FromSeconds(1) } });
        node.ToDeadline();
        node.ToDeadline();
        Assert.Equal(2, node["a"].KillAttempts);

        node.Apply(new NodeEvent.Exited("a", 1, ExitStatus.BySignal(9)));
        Assert.Equal((ServiceState.Restarting, 0), (node["a"].State, node["a"].KillAttempts));

        var waiting = new Node(Node.Service("b"), Node.Service("a", "b"));
        waiting.Start("a");
        Assert.Equal((ServicePhase.AwaitingDependencies, 0), (waiting["a"].Phase, waiting["a"].KillAttempts));
    }

    [Fact]
    public void A_service_on_demand_that_ends_by_itself_is_told_as_waiting_for_its_next_connection()
    {
        var node = new Node(Lazy);
        node.Apply(new NodeEvent.StartAll());
        node.Apply(new NodeEvent.Connected("a"));
        node.ComeUp("a");
        node.Pass(TimeSpan.FromMinutes(1));
        node.Exits("a", 0);

        Assert.Equal("ended with exit code 0 and waits for its next connection", node["a"].Because);
    }

    [Fact]
    public void A_process_that_ended_when_nobody_was_its_parent_is_told_so() =>
        Assert.Equal("ended, and how is not known: no supervisor was its parent then", CrashCause.From(ExitStatus.Unknown).Text);

    [Fact]
    public void Deadlines_that_have_passed_together_are_taken_in_their_order_and_by_name_where_they_are_equal()
    {
        var node = new Node(Within("c", 1), Within("a", 2), Within("d", 1), Within("b", 3));
        node.Apply(new NodeEvent.StartAll());
        foreach (var name in new[] { "a", "b", "c", "d" })
        {
            node.Spawned(name);
        }

        node.Pass(TimeSpan.FromMinutes(1));
        node.Tick();

        Assert.Equal(["c", "d", "a", "b"], node.Effects.OfType<Effect.Signal>().Select(s => s.Name));

        static ServiceManifest Within(string name, int seconds) => Node.Service(name) with { Readiness = new ReadinessPolicy { Timeout = TimeSpan.FromSeconds(seconds) } };
    }

    [Fact]
    public void A_command_that_needs_no_words_is_answered_without_any() =>
        Assert.Equal(new CommandResult(CommandStatus.Ok, ""), Node.Running(Node.Service("a")).Stop("a"));

    [Fact]
    public void A_start_that_cannot_be_is_refused_with_what_the_service_is_doing()
    {
        var node = new Node(Node.Service("a"));
        node.Start("a");
        Assert.Equal("a is already starting", node.Start("a").Message);
        node.ComeUp("a");
        Assert.Equal("a is already running", node.Start("a").Message);
        node.Stop("a");
        Assert.Equal("a is stopping; start it once it has stopped", node.Start("a").Message);

        var hung = Node.Running(Node.Service("a") with { Watchdog = new WatchdogPolicy { Interval = TimeSpan.FromSeconds(1) } });
        hung.ToDeadline();
        Assert.Equal("a has crashed and its process is being killed; start it once it is gone, unless it restarts by itself", hung.Start("a").Message);
        Assert.Equal("has not ended after 1 SIGKILL; it is sent another then", hung.Explain("a").Next);
    }

    [Fact]
    public void States_and_events_beyond_the_last_are_refused_by_name()
    {
        var states = Enum.GetValues<ServiceState>().Length;
        Assert.StartsWith("not a state of a service", Assert.Throws<ArgumentOutOfRangeException>(() => TransitionTable.Lookup((ServiceState)states, ServiceEvent.Start)).Message, StringComparison.Ordinal);
        var events = Enum.GetValues<ServiceEvent>().Length;
        Assert.StartsWith("not an event of a service", Assert.Throws<ArgumentOutOfRangeException>(() => TransitionTable.Lookup(ServiceState.Healthy, (ServiceEvent)events)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_retry_is_told_as_spawned_at_once_when_nothing_keeps_it()
    {
        var node = Node.Running(Node.Service("a"));
        node.Exits("a");
        node.Recover("a");

        var retry = node.State.Log.Read(1).Records.Last(r => r is { From: ServiceState.Restarting, To: ServiceState.Starting });
        Assert.Equal(("its backoff has elapsed", "is spawned at once"), (retry.Cause, retry.Next));
    }

    [Fact]
    public void A_crash_exactly_one_window_ago_has_left_it()
    {
        var node = Node.Running(Node.Service("a") with { Quarantine = new QuarantinePolicy { Window = TimeSpan.FromMinutes(2) } });
        node.Exits("a");
        node.Pass(TimeSpan.FromMinutes(2) - TimeSpan.FromTicks(1));
        Assert.Equal(1, node.Explain("a").CrashesInWindow);
        node.Pass(TimeSpan.FromTicks(1));
        Assert.Equal(0, node.Explain("a").CrashesInWindow);
    }

    [Theory]
    [InlineData(RestartPolicy.Always, "serves, and waits for the next connection once it has ended by itself")]
    [InlineData(RestartPolicy.Never, "serves, and waits for the next connection once it has ended by itself; not restarted when it fails")]
    public void What_a_service_on_demand_does_next_follows_from_its_policy(RestartPolicy policy, string next)
    {
        var node = new Node(Lazy with { Restart = policy });
        node.Start("a");
        node.Start("a");
        node.ComeUp("a");
        Assert.Equal(next, node.Explain("a").Next);
    }

    [Fact]
    public void What_stops_for_good_says_no_more_than_that_it_ends()
    {
        var node = Node.Running(Node.Service("a"));
        node.Stop("a");
        Assert.Equal("drains since SIGTERM; killed if it has not ended until then", node.Explain("a").Next);
    }

    [Fact]
    public void A_removed_service_that_has_stopped_while_its_old_instance_still_drains_has_nothing_before_it()
    {
        var node = Node.Running(Node.Service("a"), Node.Service("b"));
        node.Apply(new NodeEvent.Roll("b"));
        node.Apply(new NodeEvent.Spawned("b", 2, 2002));
        node.Apply(new NodeEvent.Ready("b", 2));
        node.Reconfigure(Node.Service("a"));
        node.Exits("b", 0);

        Assert.Equal("nothing; its manifest was removed; instance 1, which was replaced, drains", node.Explain("b").Next);
        Assert.False(node.Did<Effect.Remove>());
        node.Apply(new NodeEvent.Exited("b", 1, ExitStatus.WithCode(0)));
        Assert.True(node.Did<Effect.Remove>(e => e.Name == "b"));
    }
}
