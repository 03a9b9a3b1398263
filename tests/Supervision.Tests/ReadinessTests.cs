namespace Strata.Supervision.Tests;

public sealed class ReadinessTests
{
    private static readonly ServiceManifest Silent = Node.Service("a") with { Readiness = new ReadinessPolicy { Method = ReadinessMethod.None } };

    [Fact]
    public void Without_a_readiness_method_a_service_is_healthy_once_its_process_exists()
    {
        var node = new Node(Silent, Node.Service("b", "a"));
        node.Apply(new NodeEvent.StartAll());
        Assert.Equal("becomes Healthy when its process exists; given up if it does not until then", node.Explain("a").Next);

        node.Spawned("a");

        Assert.Equal(ServiceState.Healthy, node["a"].State);
        Assert.Equal(1001, node["a"].Pid);
        Assert.Equal("runs, which is all its manifest asks for", node["a"].Because);
        Assert.True(node.Did<Effect.Spawn>(s => s.Name == "b"));
        Assert.True(node["a"].Listed);
    }

    [Fact]
    public void An_announcement_that_the_manifest_does_not_ask_for_does_not_count()
    {
        var node = new Node(Silent);
        node.Apply(new NodeEvent.StartAll());

        node.Ready("a");

        Assert.Equal(ServicePhase.Spawning, node["a"].Phase);
    }

    [Fact]
    public void A_spawn_that_is_not_confirmed_in_time_is_a_crash_without_a_readiness_method_too()
    {
        var node = new Node(Silent);
        node.Apply(new NodeEvent.StartAll());

        Assert.Equal(TimeSpan.FromSeconds(5), node.ToDeadline());

        Assert.Equal(ServiceState.Crashed, node["a"].State);
    }

    [Fact]
    public void A_spawn_confirmed_while_the_service_stops_does_not_make_it_healthy()
    {
        var node = new Node(Silent);
        node.Apply(new NodeEvent.StartAll());
        node.Stop("a");

        node.Spawned("a");

        Assert.Equal(ServiceState.Stopping, node["a"].State);
    }

    [Fact]
    public void By_descriptor_only_what_comes_by_descriptor_counts()
    {
        var node = new Node(Silent with { Readiness = new ReadinessPolicy { Method = ReadinessMethod.Fd } });
        node.Apply(new NodeEvent.StartAll());
        node.Spawned("a");
        node.Ready("a");
        Assert.Equal(ServicePhase.AwaitingReadiness, node["a"].Phase);

        node.Apply(new NodeEvent.Ready("a", 1, ReadinessMethod.Fd));

        Assert.Equal(ServiceState.Healthy, node["a"].State);
    }

    [Fact]
    public void A_method_that_proves_nothing_or_that_is_unknown_is_refused()
    {
        Assert.Contains("prove nothing", FaultOf(ReadinessMethod.Connection), StringComparison.Ordinal);
        Assert.Contains("must be", FaultOf((ReadinessMethod)9), StringComparison.Ordinal);
        var oneshot = Silent with { Kind = ServiceKind.Oneshot };
        Assert.Equal("readiness.method", Assert.Single(ManifestValidator.Validate(oneshot)).Field);

        static string FaultOf(ReadinessMethod method)
        {
            var fault = Assert.Single(ManifestValidator.Validate(Silent with { Readiness = new ReadinessPolicy { Method = method } }));
            Assert.Equal("readiness.method", fault.Field);
            return fault.Message;
        }
    }

    [Fact]
    public void A_node_comes_up_until_there_is_a_verdict_on_every_service()
    {
        var node = new Node(Node.Service("identity"), Node.Service("fs", "identity"), Node.Service("other"));
        Assert.False(node.State.IsComingUp);
        node.Apply(new NodeEvent.StartAll());
        Assert.True(node.State.IsComingUp);
        node.ComeUp("other");
        node.Spawned("identity");
        Assert.True(node.State.IsComingUp);

        // A first failure may be mended by the next attempt; a second one is a verdict, also for what waits for it.
        node.Exits("identity");
        Assert.True(node.State.IsComingUp);
        node.ToDeadline();
        node.Spawned("identity");
        Assert.True(node.State.IsComingUp);
        node.Exits("identity");
        Assert.False(node.State.IsComingUp);

        node.Recover("identity");
        node.ComeUp("fs");
        Assert.False(node.State.IsComingUp);
    }
}
