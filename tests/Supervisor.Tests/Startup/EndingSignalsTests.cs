using Strata.Linux;

namespace Strata.Supervisor.Tests;

public sealed class EndingSignalsTests
{
    [Fact]
    public async Task Signal_that_comes_before_there_is_a_node_ends_the_node()
    {
        using var signals = new EndingSignals();
        Processes.Send(Environment.ProcessId, Signal.SIGHUP);
        await using var node = TestNode.Start();
        signals.Attach(node.Loop);
        Assert.Empty(await node.Ended.WaitAsync(TestNode.Deadline));
    }
}
