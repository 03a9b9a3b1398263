namespace Strata.Supervision.Tests;

public sealed class DependencyTests
{
    [Fact]
    public void Services_without_dependencies_start_together()
    {
        var node = new Node([.. BuiltInManifests.All]);

        node.Apply(new NodeEvent.StartAll());

        Assert.Equal(["identity", "registry"], node.Effects.OfType<Effect.Spawn>().Select(s => s.Name).Order());
        Assert.Equal(ServicePhase.AwaitingDependencies, node["fs"].Phase);
    }

    [Fact]
    public void A_service_is_spawned_the_moment_its_hard_dependency_is_healthy()
    {
        var node = new Node([.. BuiltInManifests.All]);
        node.Apply(new NodeEvent.StartAll());
        node.Spawned("identity");
        Assert.False(node.Did<Effect.Spawn>());

        node.Ready("identity");

        Assert.True(node.Did<Effect.Spawn>(s => s.Name == "fs"));
    }

    [Fact]
    public void A_start_waits_for_a_stopped_dependency_and_says_so()
    {
        var node = new Node(Node.Service("identity"), Node.Service("fs", "identity"));

        var result = node.Start("fs");

        Assert.Equal(CommandStatus.Ok, result.Status);
        Assert.Contains("identity (Declared; needs svc.start identity)", result.Message, StringComparison.Ordinal);
        Assert.Equal(["identity"], node.Explain("fs").WaitingOn);
        node.Start("identity");
        node.ComeUp("identity");
        Assert.True(node.Did<Effect.Spawn>(s => s.Name == "fs"));
    }

    [Fact]
    public void A_crashing_dependency_leaves_those_that_depend_on_it_alone()
    {
        var node = Node.Running(Node.Service("identity"), Node.Service("fs", "identity"));

        node.Exits("identity");

        Assert.Equal(ServiceState.Healthy, node["fs"].State);
        node.Recover("identity");
        Assert.Equal(1, node["fs"].Incarnation);
    }

    [Fact]
    public void A_restart_waits_for_its_dependency_to_be_healthy_again()
    {
        var node = Node.Running(Node.Service("identity"), Node.Service("fs", "identity"));
        node.Stop("identity");
        node.Exits("identity", 0);
        node.Exits("fs");
        node.ToDeadline();
        Assert.Equal(ServicePhase.AwaitingDependencies, node["fs"].Phase);

        node.Start("identity");
        node.ComeUp("identity");

        Assert.Equal(ServicePhase.Spawning, node["fs"].Phase);
    }

    [Fact]
    public void A_soft_dependency_is_waited_for_while_it_comes_up()
    {
        var node = new Node(Node.Service("cache"), Node.Service("web") with { Wants = ["cache"] });
        node.Apply(new NodeEvent.StartAll());
        Assert.Equal(["cache"], node.Explain("web").WaitingOn);

        node.ComeUp("cache");

        Assert.True(node.Did<Effect.Spawn>(s => s.Name == "web"));
    }

    [Fact]
    public void A_soft_dependency_that_fails_is_done_without()
    {
        var node = new Node(Node.Service("cache"), Node.Service("web") with { Wants = ["cache"] });
        node.Apply(new NodeEvent.StartAll());
        node.Spawned("cache");

        node.Exits("cache");

        Assert.True(node.Did<Effect.Spawn>(s => s.Name == "web"));
    }

    [Fact]
    public void A_soft_dependency_that_waits_for_something_stopped_is_done_without()
    {
        var node = new Node(
            Node.Service("disk"), Node.Service("cache", "disk"), Node.Service("web") with { Wants = ["cache"] });
        node.Start("cache");

        node.Start("web");

        Assert.True(node.Did<Effect.Spawn>(s => s.Name == "web"));
    }

    [Fact]
    public void What_a_service_comes_after_is_waited_for_while_it_comes_up()
    {
        var node = new Node(Node.Service("disk"), Node.Service("web") with { After = ["disk", "absent"] });
        node.Apply(new NodeEvent.StartAll());
        Assert.Equal(["disk"], node.Explain("web").WaitingOn);

        node.ComeUp("disk");

        Assert.True(node.Did<Effect.Spawn>(s => s.Name == "web"));
    }

    [Fact]
    public void What_a_service_comes_after_need_not_succeed_nor_run()
    {
        var node = new Node(Node.Service("disk"), Node.Service("web") with { After = ["disk"] });
        node.Start("web");
        Assert.True(node.Did<Effect.Spawn>(s => s.Name == "web"));
        Assert.Equal(ServiceState.Declared, node["disk"].State);

        node = new Node(Node.Service("disk"), Node.Service("web") with { After = ["disk"] });
        node.Apply(new NodeEvent.StartAll());
        node.Exits("disk");
        Assert.True(node.Did<Effect.Spawn>(s => s.Name == "web"));
    }

    [Fact]
    public void A_shutdown_waits_for_what_wants_a_service_but_not_for_what_comes_after_it()
    {
        var node = Node.Running(
            Node.Service("disk"), Node.Service("cache"), Node.Service("web") with { After = ["disk"], Wants = ["cache"] });

        node.Shutdown();

        Assert.Equal(ServiceState.Stopping, node["web"].State);
        Assert.Equal(ServiceState.Stopping, node["disk"].State);
        Assert.Equal(ServiceState.Healthy, node["cache"].State);
    }

    [Fact]
    public void A_cycle_through_after_is_refused()
    {
        var manifests = new[]
        {
            Node.Service("a", "b"), Node.Service("b") with { Wants = ["c"] }, Node.Service("c") with { After = ["a"] },
        };

        Assert.False(NodePlan.TryCreate(manifests, out _, out var faults));
        Assert.Contains("a -> b -> c -> a", Assert.Single(faults).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_is_given_in_one_of_requires_wants_and_after()
    {
        var twice = Node.Service("a", "b") with { Wants = ["c"], After = ["b", "c", "a"] };

        Assert.Equal(
            ["a cannot depend on itself", "b is already in requires, which orders as well; name it once", "c is already in wants, which orders as well; name it once"],
            ManifestValidator.Validate(twice).Select(f => f.Message));
    }

    [Theory]
    [InlineData(ManifestLimits.MaxDependencies, 0)]
    [InlineData(ManifestLimits.MaxDependencies + 1, 1)]
    public void After_has_a_limit(int count, int faults) =>
        Assert.Equal(faults, ManifestValidator.Validate(Node.Service("a") with { After = [.. Enumerable.Range(0, count).Select(i => $"s{i}")] }).Length);
}
