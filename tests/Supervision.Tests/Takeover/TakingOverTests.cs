using System.Collections.Immutable;

namespace Strata.Supervision.Tests.Takeover;

/// <summary>What the node as a whole does and tells when it takes over.</summary>
public sealed class TakingOverTests
{
    private static readonly ServiceManifest A = Node.Service("a");

    [Fact]
    public void The_log_tells_of_the_start_and_of_everything_that_is_known_from_before()
    {
        var stopped = new KeptService { Name = "b", State = ServiceState.Stopped, StoppedByOperator = true, Because = "the operator stopped it" };
        var healthy = new KeptService { Name = "a", State = ServiceState.Healthy, Because = "announced readiness", Incarnation = 1, Present = 1, Wanted = true };
        var node = new Node(A, Node.Service("b"), Node.Service("c"), Node.Service("d"));
        Take(node, [healthy, stopped, healthy with { Name = "d" }], ("a", new Inheritance(TakeoverVerdict.Adopt, 7)), ("d", TakeoverJudge.OfUnrecorded(8, "it is torn")));

        var told = node.State.Log.Read(1).Records;
        Assert.Equal((EventKind.NodeStarting, "the node starts; a test"), (told[0].Kind, told[0].Cause));
        Assert.Equal(
            [
                ("a", "announced readiness; adopted from an earlier supervisor"),
                ("b", "the operator stopped it; known from an earlier supervisor"),
                ("d", "held down: process 8 bears its mark, and no record proves it (it is torn); if it is, end it, then svc.start"),
            ],
            told.Where(r => r.Kind == EventKind.TakenOver).Select(r => (r.Service!, r.Cause)));
        Assert.Contains(told, r => r is { Service: "c", To: ServiceState.Starting, Cause: "the node starts" });
    }

    [Fact]
    public void A_backoff_that_goes_on_is_told_as_known_from_before_whatever_was_found()
    {
        var node = new Node(A);
        var kept = new KeptService { Name = "a", State = ServiceState.Healthy, Because = "announced readiness", Incarnation = 1, Present = 1, Wanted = true };
        Take(node, [kept], ("a", new Inheritance(TakeoverVerdict.Gone, 7)));

        Assert.Equal("announced readiness; known from an earlier supervisor", node.State.Log.Read(1).Records.Single(r => r.Kind == EventKind.TakenOver).Cause);
    }

    [Fact]
    public void What_begins_anew_is_not_told_as_taken_over()
    {
        var node = new Node(A);
        Take(node, [new KeptService { Name = "a", State = ServiceState.Waiting, Incarnation = 4 }]);

        Assert.DoesNotContain(node.State.Log.Read(1).Records, r => r.Kind == EventKind.TakenOver);
        Assert.True(node.Did<Effect.Spawn>(s => s.Incarnation == 5));
    }

    [Fact]
    public void A_service_that_is_added_afterwards_is_started_and_counts_on_from_those_that_were_removed()
    {
        var node = new Node(A);
        var gone = new KeptService { Name = "gone", Incarnation = 9 };
        Take(node, [gone, gone with { Name = "older", Incarnation = 2 }, gone with { Name = "a", Incarnation = 50 }]);

        node.Reconfigure(A, Node.Service("b"));

        Assert.True(node.Did<Effect.Spawn>(s => s is { Name: "b", Incarnation: 10 }));
    }

    [Fact]
    public void Those_removed_under_earlier_supervisors_count_too()
    {
        var node = new Node(A);
        node.Apply(new NodeEvent.TakeOver("a test", new KeptNode("boot", 1, [new KeptService { Name = "gone", Incarnation = 2 }]) { LastIncarnation = 7 }, true, ImmutableDictionary<string, Inheritance>.Empty));
        node.Reconfigure(A, Node.Service("b"));

        Assert.True(node.Did<Effect.Spawn>(s => s is { Name: "b", Incarnation: 8 }));
    }

    [Fact]
    public void What_an_operator_started_before_is_left_as_it_is()
    {
        var node = new Node(A);
        node.Start("a");
        Take(node, [new KeptService { Name = "a", State = ServiceState.Quarantined }]);

        Assert.Equal(ServicePhase.Spawning, node["a"].Phase);
    }

    [Fact]
    public void A_node_that_shuts_down_takes_nothing_over()
    {
        var node = Node.Running(A);
        node.Shutdown();
        var before = node.State.Log.LastSequence;
        Take(node, [new KeptService { Name = "gone", Incarnation = 9 }]);

        Assert.Equal((before, 0), (node.State.Log.LastSequence, node.State.LastIncarnation));
    }

    private static void Take(Node node, ImmutableArray<KeptService> services, params (string Name, Inheritance Verdict)[] found) =>
        node.Apply(new NodeEvent.TakeOver("a test", new KeptNode("boot", 1, services), true, found.ToImmutableDictionary(f => f.Name, f => f.Verdict)));
}
