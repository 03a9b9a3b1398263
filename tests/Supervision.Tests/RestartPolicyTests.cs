namespace Strata.Supervision.Tests;

public sealed class RestartPolicyTests
{
    private static readonly ServiceManifest OnFailure = Node.Service("a") with { Restart = RestartPolicy.OnFailure };

    private static readonly ServiceManifest Never = Node.Service("a") with { Restart = RestartPolicy.Never };

    [Fact]
    public void By_default_a_service_is_restarted_whatever_its_exit_code()
    {
        var node = Node.Running(Node.Service("a"));

        node.Exits("a", 0);

        Assert.Equal(RestartPolicy.Always, node["a"].Manifest.Restart);
        Assert.Equal(ServiceState.Restarting, node["a"].State);
    }

    [Theory]
    [InlineData(RestartPolicy.OnFailure)]
    [InlineData(RestartPolicy.Never)]
    public void An_exit_with_code_0_completes_a_service_that_is_not_always_restarted(RestartPolicy policy)
    {
        var node = Node.Running(Node.Service("a") with { Restart = policy });

        node.Exits("a", 0);

        Assert.Equal(ServiceState.Completed, node["a"].State);
        Assert.Null(node["a"].Process);
        Assert.Null(node["a"].Timer);
        Assert.False(node["a"].Listed);
        Assert.Empty(node["a"].RecentCrashes);
        Assert.Null(node["a"].LastCrash);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(255)]
    public void On_failure_restarts_after_another_exit_code(int code)
    {
        var node = Node.Running(OnFailure);

        node.Exits("a", code);

        node.Recover("a");
    }

    [Theory]
    [InlineData(9)]
    [InlineData(15)]
    public void On_failure_restarts_after_any_signal(int signal)
    {
        var node = Node.Running(OnFailure);

        node.Apply(new NodeEvent.Exited("a", 1, ExitStatus.BySignal(signal)));

        node.Recover("a");
    }

    [Fact]
    public void Never_leaves_a_failed_service_down_and_says_why()
    {
        var node = Node.Running(Never);

        node.Exits("a", 3);

        Assert.Equal(ServiceState.Stopped, node["a"].State);
        Assert.Equal("exited with code 3; its restart policy never leaves it down", node["a"].Because);
        Assert.Equal("nothing, until svc.start a", node.Explain("a").Next);
        Assert.Equal(new CrashCause(CrashKind.ExitCode, 3), node["a"].LastCrash!.Cause);
        Assert.Null(node.State.NextDeadline);
    }

    [Fact]
    public void Never_leaves_a_service_down_whose_spawn_fails()
    {
        var node = new Node(Never);
        node.Apply(new NodeEvent.StartAll());

        node.Apply(new NodeEvent.SpawnFailed("a", 1, "no such file"));

        Assert.Equal(ServiceState.Stopped, node["a"].State);
    }

    [Fact]
    public void Never_leaves_a_hung_service_down_once_it_is_gone()
    {
        var node = Node.Running(Never with { Watchdog = new WatchdogPolicy { Interval = TimeSpan.FromSeconds(10) } });
        Assert.Equal("serves, not restarted when it ends; killed if it gives no sign of life until then", node.Explain("a").Next);
        node.ToDeadline();
        Assert.Equal("has not ended after 1 SIGKILL; it is sent another then, and then left down", node.Explain("a").Next);

        node.Exits("a", 137);

        Assert.Equal(ServiceState.Stopped, node["a"].State);
    }

    [Fact]
    public void An_exit_with_code_0_before_readiness_completes_too()
    {
        var node = new Node(OnFailure);
        node.Apply(new NodeEvent.StartAll());
        node.Spawned("a");

        node.Exits("a", 0);

        Assert.Equal(ServiceState.Completed, node["a"].State);
    }

    [Fact]
    public void A_completed_service_says_why_and_runs_again_when_it_is_started()
    {
        var node = Node.Running(OnFailure);
        node.Exits("a", 0);
        node.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(
            "a is Completed for 1 s: exited with code 0; its restart policy on_failure leaves it so. Next: nothing, until svc.start a.",
            node.Explain("a").Summary);

        node.Start("a");

        node.ComeUp("a");
    }

    [Fact]
    public void A_completed_service_does_not_satisfy_what_requires_it()
    {
        var node = Node.Running(OnFailure, Node.Service("b", "a"));
        node.Exits("a", 0);

        node.Exits("b");
        node.ToDeadline();

        Assert.Equal("is spawned when these allow it: a (Completed; needs svc.start a)", node.Explain("b").Next);
    }

    [Theory]
    [InlineData(RestartPolicy.OnFailure)]
    [InlineData(RestartPolicy.Never)]
    public void An_exit_while_stopping_is_a_stop_or_a_restart_as_asked(RestartPolicy policy)
    {
        var node = Node.Running(Node.Service("a") with { Restart = policy });

        node.Restart("a");
        node.Exits("a", 0);
        node.ComeUp("a");
        node.Stop("a");
        node.Exits("a", 0);

        Assert.Equal(ServiceState.Stopped, node["a"].State);
    }

    [Fact]
    public void A_node_with_completed_services_shuts_down()
    {
        var node = Node.Running(OnFailure);
        node.Exits("a", 0);

        node.Shutdown();

        Assert.True(node.Did<Effect.Exit>());
    }

    [Fact]
    public void On_failure_still_quarantines()
    {
        var node = Node.Running(OnFailure with { Quarantine = new QuarantinePolicy { Crashes = 1 } });

        node.Exits("a");

        Assert.Equal(ServiceState.Quarantined, node["a"].State);
    }

    [Fact]
    public void An_unknown_policy_is_refused()
    {
        var fault = Assert.Single(ManifestValidator.Validate(Node.Service("a") with { Restart = (RestartPolicy)3 }));

        Assert.Equal("restart.policy", fault.Field);
    }
}
