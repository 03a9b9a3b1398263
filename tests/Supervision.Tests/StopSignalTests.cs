namespace Strata.Supervision.Tests;

public sealed class StopSignalTests
{
    [Fact]
    public void A_service_is_asked_to_end_by_the_signal_of_its_manifest()
    {
        var node = Node.Running(Node.Service("a") with { StopSignal = StopSignal.SIGINT });

        node.Stop("a");

        Assert.True(node.Did<Effect.Signal>(s => s is { What: ProcessSignal.Terminate, Stop: StopSignal.SIGINT }));
        Assert.Equal("drains since SIGINT; killed if it has not ended until then", node.Explain("a").Next);
    }

    [Fact]
    public void The_default_is_SIGTERM_and_what_stays_is_killed()
    {
        var node = Node.Running(Node.Service("a"));
        node.Stop("a");
        Assert.True(node.Did<Effect.Signal>(s => s is { What: ProcessSignal.Terminate, Stop: StopSignal.SIGTERM }));

        node.ToDeadline();

        Assert.True(node.Did<Effect.Signal>(s => s.What == ProcessSignal.Kill));
    }

    [Fact]
    public void An_unknown_signal_is_refused() =>
        Assert.Equal("stop.signal", Assert.Single(ManifestValidator.Validate(Node.Service("a") with { StopSignal = (StopSignal)6 })).Field);
}
