namespace Strata.Supervision.Tests;

public sealed class CrashTests
{
    private static readonly ServiceManifest Watched =
        Node.Service("a") with { Watchdog = new WatchdogPolicy { Interval = TimeSpan.FromSeconds(10) } };

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void Any_exit_of_a_healthy_service_is_a_crash_even_code_0(int code)
    {
        var node = Node.Running(Node.Service("a"));

        node.Exits("a", code);

        Assert.Equal(ServiceState.Restarting, node["a"].State);
        Assert.Equal(new CrashCause(CrashKind.ExitCode, code), node["a"].LastCrash!.Cause);
    }

    [Fact]
    public void An_exit_while_starting_does_not_stick()
    {
        var node = new Node(Node.Service("a"));
        node.Apply(new NodeEvent.StartAll());
        node.Spawned("a");

        node.Exits("a");

        Assert.Equal(ServiceState.Restarting, node["a"].State);
        node.Recover("a");
    }

    [Fact]
    public void A_failed_spawn_is_a_crash_with_the_systems_words()
    {
        var node = new Node(Node.Service("a"));
        node.Apply(new NodeEvent.StartAll());

        node.Apply(new NodeEvent.SpawnFailed("a", 1, "no such file"));

        Assert.Equal(ServiceState.Restarting, node["a"].State);
        Assert.Contains("no such file", node.Explain("a").Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void The_error_of_a_failed_spawn_is_kept_up_to_its_limit()
    {
        Assert.Equal(CrashCause.MaxErrorChars, ErrorKept(CrashCause.MaxErrorChars));
        Assert.Equal(CrashCause.MaxErrorChars, ErrorKept(CrashCause.MaxErrorChars + 1));

        static int ErrorKept(int length)
        {
            var node = new Node(Node.Service("a"));
            node.Apply(new NodeEvent.StartAll());
            node.Apply(new NodeEvent.SpawnFailed("a", 1, new string('x', length)));
            return node["a"].LastCrash!.Cause.Error!.Length;
        }
    }

    [Fact]
    public void A_service_that_is_not_ready_in_time_is_killed_and_restarts_when_it_is_gone()
    {
        var node = new Node(Node.Service("a"));
        node.Apply(new NodeEvent.StartAll());
        node.Spawned("a");

        Assert.Equal(TimeSpan.FromSeconds(5), node.ToDeadline());

        Assert.Equal(ServiceState.Crashed, node["a"].State);
        Assert.Equal(ServicePhase.Killing, node["a"].Phase);
        Assert.True(node.Did<Effect.Signal>(s => s is { What: ProcessSignal.Kill, Pid: 1001, Incarnation: 1 }));
        node.Exits("a", 137);
        Assert.Equal(ServiceState.Restarting, node["a"].State);
        Assert.Equal(CrashKind.ReadyTimeout, node["a"].LastCrash!.Cause.Kind);
    }

    [Fact]
    public void A_hung_service_is_killed_and_counts_as_crashed_for_that_reason()
    {
        var node = Node.Running(Watched);

        Assert.Equal(TimeSpan.FromSeconds(10), node.ToDeadline());

        Assert.True(node.Did<Effect.Signal>(s => s.What == ProcessSignal.Kill));
        node.Apply(new NodeEvent.Exited("a", 1, ExitStatus.BySignal(9)));
        Assert.Equal(CrashKind.WatchdogMissed, node["a"].LastCrash!.Cause.Kind);
        Assert.Single(node["a"].RecentCrashes);
    }

    [Fact]
    public void A_sign_of_life_postpones_the_watchdog()
    {
        var node = Node.Running(Watched);
        node.Pass(TimeSpan.FromSeconds(9));

        node.Apply(new NodeEvent.WatchdogPing("a", 1));

        Assert.Equal(TimeSpan.FromSeconds(10), node.ToDeadline());
    }

    [Fact]
    public void A_sign_of_life_of_an_earlier_instance_does_not_count()
    {
        var node = Node.Running(Watched);
        node.Exits("a");
        node.Recover("a");
        node.Pass(TimeSpan.FromSeconds(9));

        node.Apply(new NodeEvent.WatchdogPing("a", 1));

        Assert.Equal(TimeSpan.FromSeconds(1), node.ToDeadline());
    }

    [Fact]
    public void News_of_an_earlier_instance_is_ignored()
    {
        var node = Node.Running(Node.Service("a"));
        node.Exits("a");
        node.Recover("a");
        var before = node["a"];

        node.Apply(new NodeEvent.Exited("a", 1, ExitStatus.WithCode(1)));
        node.Apply(new NodeEvent.SpawnFailed("a", 1, "late"));
        node.Apply(new NodeEvent.Exited("nobody", 1, ExitStatus.WithCode(1)));

        Assert.Same(before, node["a"]);
        Assert.Empty(node.Effects);
    }

    [Fact]
    public void Readiness_may_be_heard_before_the_spawn_is_confirmed()
    {
        var node = new Node(Node.Service("a"));
        node.Apply(new NodeEvent.StartAll());

        node.Ready("a");
        node.Spawned("a");

        Assert.Equal(ServiceState.Healthy, node["a"].State);
        Assert.Equal(1001, node["a"].Pid);
    }

    [Fact]
    public void A_process_whose_spawn_is_confirmed_after_its_time_to_be_ready_is_killed_at_once()
    {
        var node = new Node(Node.Service("a"));
        node.Apply(new NodeEvent.StartAll());
        node.ToDeadline();
        Assert.Empty(node.Effects.OfType<Effect.Signal>());

        node.Spawned("a");

        Assert.True(node.Did<Effect.Signal>(s => s is { Pid: 1001, What: ProcessSignal.Kill }));
    }

    [Fact]
    public void A_process_that_survives_a_kill_is_killed_again()
    {
        var node = Node.Running(Watched);
        node.ToDeadline();

        Assert.Equal(TimeSpan.FromSeconds(2), node.ToDeadline());

        Assert.True(node.Did<Effect.Signal>(s => s.What == ProcessSignal.Kill));
        Assert.True(node.Did<Effect.Emit>(e => e.Record.Kind == EventKind.ProcessKilled));
        Assert.Equal(2, node["a"].KillAttempts);
    }
}
