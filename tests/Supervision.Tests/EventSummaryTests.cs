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

    [Fact]
    public void A_kill_and_the_end_of_the_node_are_told_as_what_they_are()
    {
        var node = Node.Running(Node.Service("fs"));
        node.Shutdown();
        node.ToDeadline();
        node.Exits("fs", 0);
        var told = node.State.Log.Read(1).Records.Select(EventSummary.Of).ToList();
        Assert.Contains("the node stops: test.", told);
        Assert.Contains("fs is sent SIGKILL: did not end in time and was killed. Next: has not ended after 1 SIGKILL; it is sent another then (in 2 s).", told);
        Assert.Equal("the node has stopped: every service has stopped.", told[^1]);
    }

    [Fact]
    public void What_has_nothing_before_it_ends_with_its_cause()
    {
        var record = new EventRecord { Sequence = 1, At = default, Kind = EventKind.StateChanged, Service = "fs", To = ServiceState.Stopped, Cause = "the operator stopped it" };
        Assert.Equal("fs is Stopped: the operator stopped it.", EventSummary.Of(record));
        Assert.Equal("fs is Stopped: the operator stopped it. Next: x.", EventSummary.Of(record with { Next = "x" }));
    }
}
