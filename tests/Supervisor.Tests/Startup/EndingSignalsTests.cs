using Strata.Linux;

namespace Strata.Supervisor.Tests;

public sealed class EndingSignalsTests
{
    [Fact]
    public async Task Signal_that_comes_before_there_is_a_node_ends_the_node()
    {
        // A terminal that goes away, since the test's own runner heeds the other signals, too.
        var terminals = new Queue<bool>([true, false]);
        using var signals = new EndingSignals(terminals.Dequeue);
        Processes.Send(Environment.ProcessId, Signal.SIGHUP);
        await using var node = TestNode.Start();
        signals.Attach(node.Loop, () => { });
        Assert.Empty(await node.Ended.WaitAsync(TestNode.Deadline));
    }

    [Fact]
    public async Task A_hangup_asks_to_apply_the_configuration_also_before_there_is_a_node()
    {
        using var signals = new EndingSignals(() => false);
        Processes.Send(Environment.ProcessId, Signal.SIGHUP);
        await using var node = TestNode.Start();
        var asked = new TaskCompletionSource();
        signals.Attach(node.Loop, asked.SetResult);
        await asked.Task.WaitAsync(TestNode.Deadline);
        Assert.False(node.Now.State.ShuttingDown);
    }
}
