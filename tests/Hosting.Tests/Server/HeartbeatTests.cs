namespace Strata.Hosting.Tests.Server;

public sealed class HeartbeatTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Heartbeat_comes_while_all_loops_are_alive(int loops)
    {
        await using var server = new TestServer(new ServerOptions { Loops = loops, HeartbeatInterval = TimeSpan.FromMilliseconds(10) });
        await Patience.UntilAsync(() => server.Events.Heartbeats >= 5);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Handler_that_holds_one_loop_stops_the_heartbeat_until_it_lets_go(int loops)
    {
        await using var server = new TestServer(new ServerOptions { Loops = loops, HeartbeatInterval = TimeSpan.FromMilliseconds(5) });
        using var client = server.Connect();
        client.Send("test.hold", "h");
        await Patience.UntilAsync(() => server.Methods.Waiting == 1);
        // The held loop can have shown itself once before it was held; one more heartbeat may follow from that.
        var (last, still) = (-1, 0);
        await Patience.UntilAsync(() =>
        {
            still = server.Events.Heartbeats == last ? still + 1 : 0;
            last = server.Events.Heartbeats;
            return still == 20;
        });
        server.Methods.Release.Set();
        await Patience.UntilAsync(() => server.Events.Heartbeats > last + 2);
    }

    [Fact]
    public async Task No_heartbeat_without_an_interval()
    {
        await using var server = new TestServer();
        using var client = server.Connect();
        Assert.Equal("alive", client.Echo("alive"));
        Assert.Equal(0, server.Events.Heartbeats);
    }
}
