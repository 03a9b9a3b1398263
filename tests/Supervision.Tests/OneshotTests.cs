namespace Strata.Supervision.Tests;

public sealed class OneshotTests
{
    private static readonly ServiceManifest Migrate = Node.Service("migrate") with { Kind = ServiceKind.Oneshot };

    private static readonly ServiceManifest Web = Node.Service("web", "migrate");

    [Fact]
    public void What_requires_a_oneshot_is_spawned_once_it_has_exited_with_0()
    {
        var node = Working(Migrate, Web);
        Assert.Equal("is spawned when these allow it: migrate (Starting)", node.Explain("web").Next);

        node.Exits("migrate", 0);

        Assert.Equal(ServiceState.Completed, node["migrate"].State);
        Assert.True(node.Did<Effect.Spawn>(s => s.Name == "web"));
        Assert.False(node["migrate"].Listed);
    }

    [Fact]
    public void Announcing_readiness_does_not_make_a_oneshot_healthy()
    {
        var node = Working(Migrate, Web);

        node.Ready("migrate");

        Assert.Equal(ServicePhase.Working, node["migrate"].Phase);
        Assert.Empty(node.Effects);
    }

    [Fact]
    public void A_oneshot_says_what_it_waits_for_and_how_it_went()
    {
        var node = Working(Migrate);
        Assert.Equal("becomes Completed when it exits with code 0; killed if it has not ended until then", node.Explain("migrate").Next);
        Assert.Equal(TimeSpan.FromMinutes(10), node.Explain("migrate").NextIn);

        node.Exits("migrate", 0);

        Assert.Equal("did its work and exited with code 0", node.Explain("migrate").Because);
        Assert.Null(node.State.NextDeadline);
    }

    [Theory]
    [InlineData(RestartPolicy.Always, ServiceState.Restarting)]
    [InlineData(RestartPolicy.OnFailure, ServiceState.Restarting)]
    [InlineData(RestartPolicy.Never, ServiceState.Stopped)]
    public void A_failed_oneshot_follows_its_restart_policy(RestartPolicy policy, ServiceState expected)
    {
        var node = Working(Migrate with { Restart = policy }, Web);

        node.Exits("migrate");

        Assert.Equal(expected, node["migrate"].State);
        Assert.Equal(ServicePhase.AwaitingDependencies, node["web"].Phase);
    }

    [Theory]
    [InlineData(RestartPolicy.Always)]
    [InlineData(RestartPolicy.Never)]
    public void Success_completes_a_oneshot_under_every_policy(RestartPolicy policy)
    {
        var node = Working(Migrate with { Restart = policy });

        node.Exits("migrate", 0);

        Assert.Equal(ServiceState.Completed, node["migrate"].State);
        Assert.True(node["migrate"].IsUp);
    }

    [Fact]
    public void A_oneshot_that_keeps_failing_is_quarantined()
    {
        var node = Working(Migrate with { Quarantine = new QuarantinePolicy { Crashes = 2 } });
        node.Exits("migrate");
        node.ToDeadline();
        node.Spawned("migrate");

        node.Exits("migrate");

        Assert.Equal(ServiceState.Quarantined, node["migrate"].State);
    }

    [Fact]
    public void A_oneshot_that_does_not_end_in_time_is_killed_and_counts_as_crashed()
    {
        var node = Working(Migrate with { Readiness = new ReadinessPolicy { Timeout = TimeSpan.FromHours(2) } });

        Assert.Equal(TimeSpan.FromHours(2), node.ToDeadline());

        Assert.True(node.Did<Effect.Signal>(s => s.What == ProcessSignal.Kill));
        Assert.Equal("had not ended after 2 h", node["migrate"].LastCrash!.Cause.Text);
    }

    [Fact]
    public void Started_again_it_runs_again_and_what_is_up_stays_up()
    {
        var node = Working(Migrate, Web);
        node.Exits("migrate", 0);
        node.ComeUp("web");

        Assert.Equal(CommandStatus.Ok, node.Start("migrate").Status);

        Assert.True(node.Did<Effect.Spawn>(s => s is { Name: "migrate", Incarnation: 2 }));
        Assert.Equal(ServiceState.Healthy, node["web"].State);
        Assert.Equal(CommandStatus.Conflict, node.Start("migrate").Status);
    }

    [Fact]
    public void What_comes_up_while_it_runs_again_waits_for_it()
    {
        var node = Working(Migrate, Web);
        node.Exits("migrate", 0);
        node.ComeUp("web");
        node.Start("migrate");
        node.Spawned("migrate");

        node.Restart("web");
        node.Exits("web", 0);

        Assert.Equal(["migrate"], node.Explain("web").WaitingOn);
    }

    [Fact]
    public void A_shutdown_while_it_works_ends_it()
    {
        var node = Working(Migrate, Web);

        node.Shutdown();

        Assert.Equal(ServiceState.Stopping, node["migrate"].State);
        node.Exits("migrate", 0);
        Assert.True(node.Did<Effect.Exit>());
    }

    [Fact]
    public void What_a_oneshot_cannot_have_is_refused()
    {
        var bad = Migrate with
        {
            Name = "registry", FdStoreMax = 1, SocketName = "x.sock", Watchdog = new WatchdogPolicy { Interval = TimeSpan.FromSeconds(1) },
        };

        Assert.Equal(["socket", "fd_store_max", "watchdog", "kind"], ManifestValidator.Validate(bad).Select(f => f.Field));
        Assert.Equal(["kind"], ManifestValidator.Validate(Migrate with { Kind = (ServiceKind)3 }).Select(f => f.Field));
        Assert.Null(Migrate.EffectiveSocketName);
    }

    [Fact]
    public void The_time_for_its_work_has_a_limit()
    {
        Assert.Empty(ManifestValidator.Validate(Migrate with { Readiness = new ReadinessPolicy { Timeout = TimeSpan.FromHours(24) } }));
        var fault = Assert.Single(ManifestValidator.Validate(
            Migrate with { Readiness = new ReadinessPolicy { Timeout = TimeSpan.FromHours(24) + TimeSpan.FromMilliseconds(1) } }));
        Assert.Equal("readiness.timeout", fault.Field);
    }

    private static Node Working(params ServiceManifest[] manifests)
    {
        var node = new Node(manifests);
        node.Apply(new NodeEvent.StartAll());
        node.Spawned("migrate");
        return node;
    }
}
