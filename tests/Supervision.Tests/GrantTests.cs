namespace Strata.Supervision.Tests;

/// <summary>A service whose capabilities cannot be had.</summary>
public sealed class GrantTests
{
    private static readonly ServiceManifest Impatient = Node.Service("a") with { Quarantine = new QuarantinePolicy { Crashes = 2 } };

    [Fact]
    public void It_is_tried_again_after_its_backoff_and_never_quarantined()
    {
        var node = new Node(Impatient);
        node.Apply(new NodeEvent.StartAll());
        for (var attempt = 1; attempt < 20; attempt++)
        {
            node.Apply(new NodeEvent.SpawnFailed("a", attempt, "identity does not answer", Ungranted: true));
            Assert.Equal(ServiceState.Restarting, node["a"].State);
            Assert.Equal("could not be given its capabilities: identity does not answer", node["a"].LastCrash!.Cause.Text);
            ComeBack(node);
        }

        Assert.Equal(20, node["a"].Incarnation);
    }

    [Fact]
    public void Crashes_of_its_own_in_between_still_count()
    {
        var node = new Node(Impatient);
        node.Apply(new NodeEvent.StartAll());
        node.Apply(new NodeEvent.SpawnFailed("a", 1, "no such file"));
        ComeBack(node);
        node.Apply(new NodeEvent.SpawnFailed("a", 2, "identity does not answer", Ungranted: true));
        ComeBack(node);
        node.Apply(new NodeEvent.SpawnFailed("a", 3, "no such file"));

        Assert.Equal(ServiceState.Quarantined, node["a"].State);
    }

    private static void ComeBack(Node node)
    {
        node.Pass(node["a"].Timer!.Value.Due - node.Clock);
        node.Apply(new NodeEvent.Tick());
    }
}
