using System.Collections.Immutable;

namespace Strata.Supervision.Tests;

/// <summary>What is said and drawn on the way, exactly.</summary>
public sealed class DetailTests
{
    private static readonly BackoffPolicy Wide = new() { Initial = TimeSpan.FromSeconds(10), Jitter = 0.5 };

    [Fact]
    public void The_generator_is_SplitMix64()
    {
        var source = new JitterSource(0);
        foreach (var expected in new[] { 0xE220A8397B1DCDAFUL, 0x6E789E6AA1B965F4UL, 0x06C45D188009454FUL, 0xF88BB8A8724C81ECUL })
        {
            (var fraction, source) = source.Draw();
            Assert.Equal((expected >> 11) / (double)(1UL << 53), fraction);
        }
    }

    [Fact]
    public void Each_backoff_draws_its_own_jitter()
    {
        var node = Node.Running(Node.Service("a") with { Backoff = Wide }, Node.Service("b") with { Backoff = Wide });
        node.Exits("a");
        node.Exits("b");
        Assert.NotEqual(node["a"].Timer!.Value.Due, node["b"].Timer!.Value.Due);
    }

    [Fact]
    public void Events_of_the_node_name_no_service_and_those_of_a_service_its_instance_and_pid()
    {
        var node = Node.Running(Node.Service("a"));
        node.Exits("a");
        var records = node.State.Log.Read(1).Records;
        var started = records[0];
        Assert.Equal((null, 0, null, ""), (started.Service, started.Incarnation, started.Pid, started.Next));
        Assert.Contains(records, r => r is { To: ServiceState.Healthy, Incarnation: 1, Pid: 1001 });
        Assert.Contains(records, r => r is { To: ServiceState.Crashed, Incarnation: 1, Pid: 1001 });
    }

    [Fact]
    public void A_crash_that_ends_in_a_shutdown_says_so()
    {
        var node = Node.Running(Node.Service("a") with { Watchdog = new WatchdogPolicy { Interval = TimeSpan.FromSeconds(1) } });
        node.ToDeadline();
        Assert.Equal(ServiceState.Crashed, node["a"].State);
        node.Shutdown();
        node.Exits("a");
        Assert.Equal(ServiceState.Stopped, node["a"].State);
        Assert.Contains(node.State.Log.Read(1).Records, r => r.To == ServiceState.Stopped && r.Cause == "stays down: the node shuts down");
    }

    [Fact]
    public void A_process_that_survives_every_kill_is_told_as_left_behind()
    {
        var node = Node.Running(Node.Service("a"));
        node.Shutdown();
        while (node["a"].State != ServiceState.Stopped)
        {
            node.ToDeadline();
        }

        Assert.Equal(["a"], node.State.Abandoned);
        Assert.Contains(node.State.Log.Read(1).Records, r => r.To == ServiceState.Stopped && r.Cause == "its process survived every kill and is left behind");
    }

    [Fact]
    public void A_soft_dependency_is_waited_for_as_long_as_all_it_requires_is_up_or_on_its_way()
    {
        var node = Softly();
        node.ComeUp("c");
        Assert.Null(node["a"].Process);

        // One of two is down for good: the soft dependency will not come up, and is done without.
        node.Stop("d");
        node.Exits("d", 0);
        Assert.Equal(ServiceState.Stopped, node["d"].State);
        Assert.NotNull(node["a"].Process);
    }

    [Fact]
    public void A_soft_dependency_that_has_a_process_is_waited_for_whatever_became_of_what_it_requires()
    {
        var node = Softly();
        node.ComeUp("c");
        node.ComeUp("d");
        Assert.NotNull(node["b"].Process);
        node.Stop("c");
        node.Exits("c", 0);
        Assert.Equal(ServiceState.Stopped, node["c"].State);
        Assert.Null(node["a"].Process);
        node.ComeUp("b");
        Assert.NotNull(node["a"].Process);
    }

    [Fact]
    public void Faults_of_dependencies_are_told_where_they_stand()
    {
        var cycle = Assert.Single(DependencyGraph.FaultsOf([Node.Service("b") with { After = ["c", "a"] }, Node.Service("a", "b") with { Wants = ["b"] }, Node.Service("c")]));
        Assert.Equal("a: requires: dependency cycle: a -> b -> a; remove one of these from requires, wants or after", cycle.ToString());
        Assert.Equal("requires[0]", cycle.Item);
        var other = Assert.Single(DependencyGraph.FaultsOf([Node.Service("a") with { After = ["x", "b"] }, Node.Service("b") with { After = ["a"] }]));
        Assert.Equal("after[1]", other.Item);

        var held = Assert.Single(DependencyGraph.FaultsOf([Node.Service("a") with { Capabilities = [new HeldCapability { Service = "b", Rights = ["x"] }] }, Node.Service(NodePlan.IdentityName, "a")]));
        Assert.Equal("capabilities", held.Item);

        var unknown = DependencyGraph.FaultsOf([Node.Service("z", "nothing"), Node.Service("y", "nowhere"), Node.Service("x") with { Wants = ["absent"] }]);
        Assert.Equal(["y", "z"], unknown.Select(f => f.Service));
        Assert.Equal(["requires[0]", "requires[0]"], unknown.Select(f => f.Item));
    }

    [Fact]
    public void Faults_that_others_report_are_passed_over()
    {
        Assert.Empty(DependencyGraph.FaultsOf([Node.Service("a", "a")]));
        Assert.Empty(DependencyGraph.FaultsOf([Node.Service("a") with { Name = null! }]));
        Assert.Empty(DependencyGraph.FaultsOf([Node.Service("a") with { Requires = default }, Node.Service("b") with { Wants = default }, Node.Service("c") with { After = default }]));
        Assert.Empty(DependencyGraph.FaultsOf([Node.Service("a") with { Requires = new string[] { null! }.ToImmutableArray() }]));
    }

    [Theory]
    [InlineData(1, " (SIGHUP)")]
    [InlineData(2, " (SIGINT)")]
    [InlineData(3, " (SIGQUIT)")]
    [InlineData(4, " (SIGILL)")]
    [InlineData(5, "")]
    [InlineData(6, " (SIGABRT)")]
    [InlineData(7, " (SIGBUS)")]
    [InlineData(8, " (SIGFPE)")]
    [InlineData(9, " (SIGKILL)")]
    [InlineData(10, "")]
    [InlineData(11, " (SIGSEGV)")]
    [InlineData(13, " (SIGPIPE)")]
    [InlineData(15, " (SIGTERM)")]
    [InlineData(24, " (SIGXCPU)")]
    [InlineData(31, " (SIGSYS)")]
    public void A_signal_is_told_by_number_and_name(int number, string name)
    {
        Assert.Equal($"was ended by signal {number}{name}", CrashCause.From(ExitStatus.BySignal(number)).Text);
        Assert.Equal(
            $"was killed for memory (signal {number}{name}): it used up its limits.memory", CrashCause.From(ExitStatus.BySignal(number) with { OutOfMemory = true }).Text);
    }

    [Fact]
    public void A_hung_service_is_told_with_the_time_it_was_given()
    {
        Assert.Equal("gave no sign of life for 5 s", new CrashCause(CrashKind.WatchdogMissed, Limit: TimeSpan.FromSeconds(5)).Text);
        Assert.Equal("was not ready within 5 s", new CrashCause(CrashKind.ReadyTimeout, Limit: TimeSpan.FromSeconds(5)).Text);
        Assert.Equal("had not ended after 5 s", new CrashCause(CrashKind.RunTimeout, Limit: TimeSpan.FromSeconds(5)).Text);
    }

    [Fact]
    public void The_error_of_a_spawn_is_kept_up_to_its_bound()
    {
        Assert.Equal("could not be spawned: ENOENT", CrashCause.FromSpawnError("ENOENT").Text);
        Assert.Equal(CrashCause.MaxErrorChars, CrashCause.FromSpawnError(new string('x', CrashCause.MaxErrorChars)).Error!.Length);
        Assert.Equal(CrashCause.MaxErrorChars, CrashCause.FromSpawnError(new string('x', CrashCause.MaxErrorChars + 1)).Error!.Length);
    }

    [Fact]
    public void The_life_of_the_node_itself_is_in_the_log()
    {
        var node = Node.Running(Node.Service("a"), Node.Service("b"));
        node.Restart("b");
        node.Shutdown();
        Assert.Equal("the node shuts down", node["b"].Because);
        Assert.NotEqual("the node shuts down", new Node(Node.Service("c"))["c"].Because);
        node.Exits("a", 0);
        node.Exits("b", 0);
        var told = node.State.Log.Read(1).Records.Where(r => r.Service is null).Select(r => (r.Kind, r.Cause));
        Assert.Equal([(EventKind.NodeStarting, "the node starts"), (EventKind.NodeStopping, "test"), (EventKind.NodeStopped, "every service has stopped")], told);
        Assert.Contains(node.State.Log.Read(1).Records, r => r.To == ServiceState.Starting && r.Cause == "the node starts");
    }

    [Fact]
    public void Commands_are_answered_in_words()
    {
        var node = Node.Running(Node.Service("a"), Node.Service("b", "a"));
        Assert.Equal("drain must be 0 to 60 s", node.Stop("a", 60_001).Message);
        Assert.Equal(CommandStatus.Ok, node.Stop("b", 60_000).Status);
        node.Exits("b", 0);
        Assert.Equal(CommandResult.Ok, node.Start("b"));
        node.Exits("b", 0);
        node.Stop("b");
        node.Stop("a");
        node.Exits("a", 0);
        Assert.Contains("is spawned when these allow it: a (Stopped; needs svc.start a)", node.Start("b").Message, StringComparison.Ordinal);
        node.Shutdown();
        Assert.Equal((CommandStatus.Unavailable, "the node is shutting down"), node.Start("a") is var answer ? (answer.Status, answer.Message) : default);
    }

    [Theory]
    [InlineData(RestartPolicy.Always, false, "serves")]
    [InlineData(RestartPolicy.OnFailure, false, "serves, restarted only if it fails")]
    [InlineData(RestartPolicy.Never, false, "serves, not restarted when it ends")]
    [InlineData(RestartPolicy.Always, true, "serves; killed and restarted if it gives no sign of life until then")]
    [InlineData(RestartPolicy.Never, true, "serves, not restarted when it ends; killed if it gives no sign of life until then")]
    public void What_a_Healthy_service_does_next_follows_from_its_policy_and_watchdog(RestartPolicy policy, bool watched, string next)
    {
        var service = Node.Service("a") with { Restart = policy, Watchdog = watched ? new WatchdogPolicy { Interval = TimeSpan.FromSeconds(1) } : null };
        Assert.Equal(next, Node.Running(service).Explain("a").Next);
    }

    [Fact]
    public void What_is_Healthy_in_a_shutdown_is_stopped_after_what_depends_on_it()
    {
        var node = Node.Running(Node.Service("a"), Node.Service("b") with { Watchdog = new WatchdogPolicy { Interval = TimeSpan.FromSeconds(1) } }, Node.Service("c", "a", "b"));
        node.Shutdown();
        Assert.Equal("is stopped once everything that depends on it has stopped", node.Explain("a").Next);
        Assert.Equal("is stopped once everything that depends on it has stopped; killed if it gives no sign of life until then", node.Explain("b").Next);
    }

    [Fact]
    public void Every_service_that_is_waited_for_is_named()
    {
        var node = new Node(Node.Service("a"), Node.Service("b"), Node.Service("c", "a", "b"));
        node.Apply(new NodeEvent.StartAll());
        Assert.Equal("is spawned when these allow it: a (Starting), b (Starting)", node.Explain("c").Next);
    }

    [Fact]
    public void Times_and_policies_are_told_as_people_read_them()
    {
        Assert.Equal("an unknown time", Words.Duration(null));
        Assert.Equal(["999 ms", "1 s", "119.9 s", "2 min", "119 min", "2 h"], new[] { 999, 1000, 119_900, 120_000, 7_140_000, 7_200_000 }.Select(ms => Words.Duration(TimeSpan.FromMilliseconds(ms))));
        Assert.Equal(["always", "on_failure", "never"], new[] { RestartPolicy.Always, RestartPolicy.OnFailure, RestartPolicy.Never }.Select(Words.Of));
        Assert.Equal(["0 crashes", "1 crash", "2 services"], new[] { Words.Count(0, "crash"), Words.Count(1, "crash"), Words.Count(2, "service") });
    }

    /// <summary>a comes after b, which requires c and d; all are asked to start.</summary>
    private static Node Softly()
    {
        var node = new Node(Node.Service("a") with { Wants = ["b"] }, Node.Service("b", "c", "d"), Node.Service("c"), Node.Service("d"));
        node.Apply(new NodeEvent.StartAll());
        Assert.Null(node["b"].Process);
        return node;
    }
}
