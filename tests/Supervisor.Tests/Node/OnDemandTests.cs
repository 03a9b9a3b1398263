using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor.Tests;

/// <summary>Real processes that are started by a connection.</summary>
public sealed class OnDemandTests
{
    private static readonly ServiceManifest Lazy = TestNode.Stub("lazy") with { Socket = new SocketPolicy { OnDemand = true } };

    [Fact]
    public async Task A_connection_starts_the_process_and_another_one_does_not()
    {
        await using var node = TestNode.Start(Lazy);
        await node.UntilAsync("lazy", ServiceState.Listening);
        Assert.True(node.Now.AllHealthy);

        using var first = UnixSocket.Connect(node.Settings.SocketOf("lazy"));
        await node.UntilAsync("lazy", ServiceState.Healthy);
        using var second = UnixSocket.Connect(node.Settings.SocketOf("lazy"));
        await node.UntilAsync(n => n.State.Services["lazy"].State == ServiceState.Healthy ? n : null);

        Assert.Equal(1, node.Now.State.Services["lazy"].Incarnation);
    }

    [Fact]
    public async Task A_connection_that_nobody_takes_starts_no_more_processes_than_quarantine_allows()
    {
        await using var node = TestNode.Start(Lazy with { Quarantine = new QuarantinePolicy { Crashes = 3 }, Backoff = new BackoffPolicy { Initial = TimeSpan.FromMilliseconds(20) } }, "crash");
        await node.UntilAsync("lazy", ServiceState.Listening);

        using var waiting = UnixSocket.Connect(node.Settings.SocketOf("lazy"));
        await node.UntilAsync("lazy", ServiceState.Quarantined);

        Assert.Equal(3, node.Now.State.Services["lazy"].Incarnation);
    }

    [Fact]
    public async Task A_connection_made_while_it_was_stopped_starts_it_when_it_waits_again()
    {
        await using var node = TestNode.Start(Lazy);
        await node.UntilAsync("lazy", ServiceState.Listening);
        _ = await node.Loop.TrySend(new NodeEvent.Stop("lazy"))!;
        using var waiting = UnixSocket.Connect(node.Settings.SocketOf("lazy"));
        Assert.Equal(ServiceState.Stopped, node.Now.State.Services["lazy"].State);

        _ = await node.Loop.TrySend(new NodeEvent.Start("lazy"))!;

        await node.UntilAsync("lazy", ServiceState.Healthy);
    }
}
