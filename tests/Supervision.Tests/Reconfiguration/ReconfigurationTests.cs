namespace Strata.Supervision.Tests.Reconfiguration;

public sealed class ReconfigurationTests
{
    private static readonly ServiceManifest A = Node.Service("a") with { DrainTimeout = TimeSpan.FromSeconds(3) };
    private static readonly ServiceManifest B = Node.Service("b", "a");
    private static readonly ServiceManifest New = A with { Program = "/bin/new", StopSignal = StopSignal.SIGQUIT };

    [Fact]
    public void What_is_added_is_started_once_what_it_requires_is_up()
    {
        var node = new Node(A);
        node.Apply(new NodeEvent.StartAll());

        node.Reconfigure(A, B);
        Assert.Equal(ServicePhase.AwaitingDependencies, node["b"].Phase);
        Assert.Equal("its manifest was added", node["b"].Because);
        node.ComeUp("a");

        Assert.Equal(ServicePhase.Spawning, node["b"].Phase);
        Assert.Equal(2, node.State.Generation);
    }

    [Fact]
    public void What_is_added_before_the_node_starts_is_started_with_it()
    {
        var node = new Node(A);
        node.Reconfigure(A, B);
        Assert.Equal(ServiceState.Declared, node["b"].State);

        node.Apply(new NodeEvent.StartAll());
        Assert.Equal(ServiceState.Starting, node["b"].State);
    }

    [Fact]
    public void What_is_removed_drains_and_is_forgotten_when_it_has_ended()
    {
        var node = Node.Running(A, B, Node.Service(NodePlan.RegistryName));

        node.Reconfigure(A, Node.Service(NodePlan.RegistryName));
        Assert.True(node.Did<Effect.Signal>(e => e is { Name: "b", What: ProcessSignal.Terminate }));
        Assert.True(node.Did<Effect.Unregister>(e => e.Name == "b"));
        Assert.Equal(ServicePhase.Draining, node["b"].Phase);
        Assert.EndsWith("and then forgotten", node.Explain("b").Next, StringComparison.Ordinal);
        node.Exits("b", 0);

        Assert.True(node.Did<Effect.Remove>(e => e.Name == "b"));
        Assert.False(node.State.Services.ContainsKey("b"));
        Assert.DoesNotContain("b", node.State.Plan.Graph.StartOrder);
        Assert.Contains(node.State.Log.Read(1).Records, r => r.Kind == EventKind.ServiceRemoved && EventSummary.Of(r).StartsWith("b is forgotten: its manifest was removed", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_removed_and_does_not_end_is_killed()
    {
        var node = Node.Running(A, B);
        node.Reconfigure(A);
        node.ToDeadline();
        Assert.True(node.Did<Effect.Signal>(e => e is { Name: "b", What: ProcessSignal.Kill }));
        node.Apply(new NodeEvent.Exited("b", 1, ExitStatus.BySignal(9)));
        Assert.False(node.State.Services.ContainsKey("b"));
    }

    [Fact]
    public void A_removed_service_can_be_neither_started_nor_restarted_and_comes_back_with_its_manifest()
    {
        var node = Node.Running(A, B);
        node.Reconfigure(A);
        Assert.Equal(CommandStatus.Conflict, node.Start("b").Status);
        Assert.Contains("its manifest was removed", node.Restart("b").Message, StringComparison.Ordinal);

        node.Reconfigure(A, B with { Program = "/bin/other" });
        Assert.Equal(ServicePhase.Draining, node["b"].Phase);
        node.Exits("b", 0);

        Assert.True(node.Did<Effect.Spawn>(e => e is { Name: "b", Incarnation: 2 }));
        Assert.Equal("/bin/other", node["b"].Manifest.Program);
    }

    [Fact]
    public void News_of_a_removed_instance_is_never_taken_for_news_of_a_later_one()
    {
        var node = Node.Running(A, B);
        node.Reconfigure(A);
        node.Exits("b", 0);
        node.Reconfigure(A, B);
        Assert.True(node.Did<Effect.Spawn>(e => e is { Name: "b", Incarnation: 2 }));

        node.Apply(new NodeEvent.Exited("b", 1, ExitStatus.WithCode(1)));
        Assert.Equal(ServicePhase.Spawning, node["b"].Phase);
    }

    [Fact]
    public void The_old_process_is_asked_to_end_as_its_own_manifest_says()
    {
        var node = Node.Running(A);
        node.Reconfigure(New with { DrainTimeout = TimeSpan.Zero });

        Assert.True(node.Did<Effect.Signal>(e => e is { Name: "a", Stop: StopSignal.SIGTERM }));
        Assert.Equal(TimeSpan.FromSeconds(3), node["a"].Timer!.Value.Due - node.Clock);
        Assert.Equal("its manifest changed: exec, stop.signal, stop.drain", node["a"].Because);
    }

    [Fact]
    public void A_service_that_restarts_stays_in_the_registry()
    {
        var node = Node.Running(A, Node.Service(NodePlan.RegistryName));
        node.Reconfigure(New, Node.Service(NodePlan.RegistryName));
        Assert.False(node.Did<Effect.Unregister>());
        Assert.True(node["a"].Listed);
    }

    [Fact]
    public void Who_declares_that_it_follows_is_restarted_too_and_nobody_else()
    {
        var group = A with { Strategy = RestartStrategy.RestForOne };
        var node = Node.Running(group, B, Node.Service("c"));
        node.Reconfigure(group with { Program = "/bin/new" }, B, Node.Service("c"));

        Assert.Equal(ServicePhase.Draining, node["b"].Phase);
        Assert.Equal("restarts with a, whose manifest changed", node["b"].Because);
        Assert.Equal(ServiceState.Healthy, node["c"].State);
    }

    [Fact]
    public void Nobody_follows_a_service_that_was_down()
    {
        var group = A with { Strategy = RestartStrategy.RestForOne };
        var node = Node.Running(group, B);
        node.Stop("a");
        node.Exits("a", 0);
        node.Reconfigure(group with { Program = "/bin/new" }, B);
        Assert.Equal(ServiceState.Healthy, node["b"].State);
        Assert.Equal(ServiceState.Stopped, node["a"].State);
    }

    [Fact]
    public void Any_change_ends_a_quarantine()
    {
        var strict = A with { Quarantine = new QuarantinePolicy { Crashes = 1 } };
        var node = Node.Running(strict);
        node.Exits("a");
        Assert.Equal(ServiceState.Quarantined, node["a"].State);

        node.Reconfigure(strict);
        Assert.Equal(ServiceState.Quarantined, node["a"].State);
        node.Reconfigure(strict with { Description = "mended" });
        Assert.Equal(ServicePhase.Spawning, node["a"].Phase);
    }

    [Fact]
    public void A_shorter_longest_wait_holds_for_a_backoff_that_is_under_way()
    {
        var slow = A with { Backoff = new BackoffPolicy { Initial = TimeSpan.FromMinutes(5), Max = TimeSpan.FromMinutes(5), Jitter = 0 } };
        var node = Node.Running(slow);
        node.Exits("a");
        node.Reconfigure(slow with { Backoff = new BackoffPolicy { Initial = TimeSpan.FromSeconds(1), Max = TimeSpan.FromSeconds(2) } });
        Assert.Equal(TimeSpan.FromSeconds(2), node.ToDeadline());
        Assert.Equal(ServicePhase.Spawning, node["a"].Phase);
    }

    [Fact]
    public void What_counts_as_too_many_crashes_counts_from_the_change_on()
    {
        var node = Node.Running(A with { Quarantine = new QuarantinePolicy { Crashes = 3 } });
        node.Exits("a");
        node.Recover("a");
        node.Exits("a");
        node.Recover("a");
        node.Reconfigure(A with { Quarantine = new QuarantinePolicy { Crashes = 2 } });
        node.Exits("a");
        Assert.Equal(ServiceState.Restarting, node["a"].State);
        node.Recover("a");
        node.Exits("a");
        Assert.Equal(ServiceState.Quarantined, node["a"].State);
    }

    [Fact]
    public void A_shutdown_refuses_a_configuration_and_stops_what_is_being_removed_too()
    {
        var node = Node.Running(A, B);
        node.Reconfigure(A);
        node.Shutdown();
        Assert.Equal(CommandStatus.Unavailable, node.Reconfigure(A, B).Status);
        node.Exits("b", 0);
        node.Exits("a", 0);
        Assert.True(node.Did<Effect.Exit>());
        Assert.Equal(CommandStatus.Unavailable, node.Reconfigure(A).Status);
    }

    [Fact]
    public void The_same_configuration_is_no_new_one()
    {
        var node = Node.Running(A, B);
        var before = node.State.Log.LastSequence;
        Assert.Equal("nothing has changed", node.Reconfigure(A, B).Message);
        Assert.Equal((1, before), (node.State.Generation, node.State.Log.LastSequence));
    }

    [Fact]
    public void As_many_services_may_be_stopping_as_a_node_has_and_one_more_is_refused()
    {
        static ServiceManifest[] Many(string prefix, int count) => [.. Enumerable.Range(0, count).Select(i => Node.Service($"{prefix}{i}"))];
        var node = Node.Running(Many("x", ManifestLimits.MaxServices));
        Assert.Equal(CommandStatus.Ok, node.Reconfigure(A).Status);
        node.ComeUp("a");

        var refused = node.Reconfigure(B with { Requires = [] });
        Assert.Equal(CommandStatus.Conflict, refused.Status);
        Assert.Contains("still be stopping", refused.Message, StringComparison.Ordinal);
        Assert.Equal(ServiceState.Healthy, node["a"].State);

        node.Exits("x0", 0);
        Assert.Equal(CommandStatus.Ok, node.Reconfigure(B with { Requires = [] }).Status);
    }

    [Fact]
    public void The_log_says_what_a_configuration_changed()
    {
        var node = Node.Running(A, B, Node.Service("c"));
        node.Reconfigure(New, B with { Description = "x" }, Node.Service("d"));
        var record = node.State.Log.Read(1).Records.Single(r => r.Kind == EventKind.Reconfigured);
        Assert.Equal("the node is reconfigured: configuration 2: adds d; removes c; adjusts b; restarts a.", EventSummary.Of(record));
    }
}
