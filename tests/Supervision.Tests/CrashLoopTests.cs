namespace Strata.Supervision.Tests;

public sealed class CrashLoopTests
{
    [Fact]
    public void An_hour_of_crashing_is_bounded_by_the_backoff()
    {
        var node = Node.Running(Node.Service("a") with { Quarantine = new QuarantinePolicy { Crashes = 100, Window = TimeSpan.FromSeconds(1) } });
        var end = node.Clock + TimeSpan.FromHours(1);
        node.Exits("a");
        while (node.Clock < end)
        {
            node.Recover("a");
            node.Exits("a");
        }

        // 9 waits double up to 25.6 s; then one each 25.5 to 30 s.
        Assert.InRange(node["a"].Incarnation, 120, 160);
        Assert.True(node.State.Log.LastSequence > 4 * 120);
    }
}
