namespace Strata.Supervision.Tests;

public sealed class EventSummaryTests
{
    [Fact]
    public void A_crash_says_what_why_and_what_comes_next_and_when()
    {
        var node = Node.Running(Node.Service("fs") with { Backoff = new BackoffPolicy { Jitter = 0, Initial = TimeSpan.FromSeconds(4) } });
        node.Apply(new NodeEvent.Exited("fs", 1, ExitStatus.BySignal(9)));
        var told = node.State.Log.Read(1).Records.Select(EventSummary.Of).ToList();
        Assert.Contains("fs is Crashed: was ended by signal 9 (SIGKILL). Next: its restart policy decides at once.", told);
        Assert.Equal("fs is Restarting: was ended by signal 9 (SIGKILL). Next: the next attempt (in 4 s).", told[^1]);
        Assert.StartsWith("the node starts: ", told[0], StringComparison.Ordinal);
    }
}
