namespace Strata.Supervision.Tests;

public sealed class ExplainTests
{
    [Fact]
    public void An_unknown_service_has_no_explanation() =>
        Assert.Null(Explainer.Explain(Node.Running(Node.Service("a")).State, "b", default));

    [Fact]
    public void A_backoff_is_explained_with_the_crash_and_the_time_of_the_next_attempt()
    {
        var node = Node.Running(Node.Service("a") with { Backoff = new BackoffPolicy { Jitter = 0, Initial = TimeSpan.FromSeconds(4) } });
        node.Apply(new NodeEvent.Exited("a", 1, ExitStatus.BySignal(9)));
        node.Pass(TimeSpan.FromSeconds(1));

        var why = node.Explain("a");

        Assert.Equal(TimeSpan.FromSeconds(3), why.NextIn);
        Assert.Equal(node.Now.Wall + TimeSpan.FromSeconds(3), why.NextAt);
        Assert.Equal(1, why.CrashesInWindow);
        Assert.Equal(
            "a is Restarting for 1 s: was ended by signal 9 (SIGKILL). Last crash 1 s ago: it was ended by signal 9 (SIGKILL); "
            + "1 crash within 2 min, quarantine at 5. Next: the next attempt (in 3 s).",
            why.Summary);
    }

    [Fact]
    public void A_quarantine_is_explained_with_its_rule_and_the_way_out()
    {
        var node = Node.Running(Node.Service("a") with { Quarantine = new QuarantinePolicy { Crashes = 2 } });
        node.Exits("a");
        node.Recover("a");
        node.Exits("a", 3);

        var why = node.Explain("a");

        Assert.Equal("2 crashes within 2 min, the last because it exited with code 3", why.Because);
        Assert.Equal("nothing, until svc.start a clears the quarantine", why.Next);
        Assert.Null(why.NextAt);
    }

    [Fact]
    public void A_wait_for_a_dependency_names_it_and_its_state()
    {
        var node = Node.Running(Node.Service("identity"), Node.Service("fs", "identity"));
        node.Stop("fs");
        node.Exits("fs", 0);
        node.Exits("identity");

        node.Start("fs");

        Assert.Equal("is spawned when these allow it: identity (Restarting)", node.Explain("fs").Next);
        Assert.Equal(["identity"], node.Explain("fs").WaitingOn);
    }

    [Fact]
    public void Crashes_that_have_left_the_window_are_not_counted()
    {
        var node = Node.Running(Node.Service("a"));
        node.Exits("a");
        node.Recover("a");
        node.Pass(TimeSpan.FromMinutes(5));

        Assert.Equal(0, node.Explain("a").CrashesInWindow);
    }

    [Theory]
    [InlineData(0.0004, "0 ms")]
    [InlineData(0.25, "250 ms")]
    [InlineData(1.5, "1.5 s")]
    [InlineData(119, "119 s")]
    [InlineData(600, "10 min")]
    [InlineData(86400, "24 h")]
    public void Durations_are_written_as_people_read_them(double seconds, string expected)
    {
        var node = new Node(Node.Service("a"));
        node.Pass(TimeSpan.FromSeconds(seconds));

        Assert.StartsWith($"a is Declared for {expected}: declared by its manifest.", node.Explain("a").Summary, StringComparison.Ordinal);
    }
}
