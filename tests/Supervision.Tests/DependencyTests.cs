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
}
