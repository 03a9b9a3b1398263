using System.Buffers.Binary;
using Strata.Ipc;

namespace Strata.Hosting.Tests.Server;

public sealed class MisbehaviourTests
{
    private static readonly TimeSpan Brief = TimeSpan.FromMilliseconds(150);

    [Fact]
    public async Task Client_that_never_reads_is_dropped_and_others_are_unaffected()
    {
        await using var server = new TestServer(limits: new IpcLimits { WriteTimeout = Brief });
        using var good = server.Connect();
        Assert.Equal("before", good.Echo("before"));
        using var hoarder = server.Connect();
        for (var i = 0; i < 20; i++)
        {
            hoarder.Send("test.echo", $"h{i}", """{"text":"0123456789","repeat":20000}""");
        }

        var dropped = server.Events.NextDropAsync();
        while (!dropped.IsCompleted)
        {
            Assert.Equal("meanwhile", good.Echo("meanwhile"));
        }

        Assert.Contains("does not read", await dropped);
        Assert.Equal("after", good.Echo("after"));
    }

    [Fact]
    public async Task Client_that_never_reads_a_stream_is_dropped_and_its_handler_ended()
    {
        await using var server = new TestServer(limits: new IpcLimits { WriteTimeout = Brief });
        using var hoarder = server.Connect();
        hoarder.Send("test.stream", "s", """{"text":"0123456789","repeat":5000}""", ""","more":true""");
        Assert.Contains("does not read", await server.Events.NextDropAsync());
        await Patience.UntilAsync(() => server.Methods.StreamEnded);
    }

    [Fact]
    public async Task Frame_begun_and_not_completed_is_dropped()
    {
        await using var server = new TestServer(limits: new IpcLimits { FrameTimeout = Brief });
        using var slow = server.Connect();
        Assert.Equal("whole", slow.Echo("whole"));
        var frame = RawClient.Request("test.echo", "never");
        slow.Send(frame.AsSpan(0, 3));
        Assert.Contains("not completed", await server.Events.NextDropAsync());
        Assert.True(slow.IsClosed());
    }

    [Fact]
    public async Task Dripping_bytes_do_not_prolong_a_frames_time()
    {
        await using var server = new TestServer(limits: new IpcLimits { FrameTimeout = Brief });
        using var slow = server.Connect();
        var frame = RawClient.Request("test.echo", "dripping", $$"""{"text":"{{new string('x', 10_000)}}"}""");
        var dropped = server.Events.NextDropAsync();
        var sent = 0;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!dropped.IsCompleted && sent < frame.Length)
        {
            await timer.WaitForNextTickAsync();
            sent += Math.Max(0, slow.SendWithoutWaiting(frame.AsSpan(sent, 1)));
        }

        Assert.Contains("not completed", await dropped);
        Assert.True(sent < frame.Length);
    }

    [Fact]
    public async Task Silent_connection_is_dropped()
    {
        await using var server = new TestServer(limits: new IpcLimits { FirstFrameTimeout = Brief });
        using var silent = server.Connect();
        Assert.Contains("no request", await server.Events.NextDropAsync());
        Assert.True(silent.IsClosed());
    }

    [Fact]
    public async Task Idle_connection_is_closed_but_not_one_with_a_call_in_progress()
    {
        await using var server = new TestServer(limits: new IpcLimits { IdleTimeout = Brief });
        using var busy = server.Connect();
        busy.Send("test.wait", "w", """{"text":"worth waiting"}""");
        await Patience.UntilAsync(() => server.Methods.Waiting == 1);
        using var idle = server.Connect();
        Assert.Equal("hello", idle.Echo("hello"));
        Assert.True(idle.IsClosed());
        server.Methods.Gate.SetResult();
        Assert.Equal("worth waiting", busy.Read()!.Value.GetProperty("result").GetProperty("text").GetString());
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(1024u * 1024 + 1)]
    [InlineData(0x80000000u)]
    [InlineData(uint.MaxValue)]
    public async Task Impossible_length_closes_that_connection_only(uint length)
    {
        await using var server = new TestServer();
        using var good = server.Connect();
        Assert.Equal("before", good.Echo("before"));
        using var bad = server.Connect();
        var header = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(header, length);
        bad.Send([.. RawClient.Request("test.echo", "last", """{"text":"answered"}"""), .. header]);
        Assert.Equal("answered", bad.Read()!.Value.GetProperty("result").GetProperty("text").GetString());
        Assert.True(bad.IsClosed());
        Assert.Equal("after", good.Echo("after"));
    }

    [Fact]
    public async Task Largest_frame_is_taken()
    {
        await using var server = new TestServer(limits: new IpcLimits { MaxFrameBytes = 4096 });
        using var client = server.Connect();
        var overhead = RawClient.Request("test.echo", "x", """{"text":"","repeat":0}""").Length - 4;
        client.Send("test.echo", "x", $$"""{"text":"{{new string('y', 4096 - overhead)}}","repeat":0}""");
        Assert.Equal("", client.Read()!.Value.GetProperty("result").GetProperty("text").GetString());
        client.Send("test.echo", "x", $$"""{"text":"{{new string('y', 4097 - overhead)}}","repeat":0}""");
        Assert.True(client.IsClosed());
    }

    [Fact]
    public async Task Client_that_vanishes_with_calls_in_progress_harms_nobody()
    {
        await using var server = new TestServer();
        for (var i = 0; i < 10; i++)
        {
            using var client = server.Connect();
            client.Send("test.wait", "w");
        }

        await Patience.UntilAsync(() => server.Methods.Waiting == 10);
        server.Methods.Gate.SetResult();
        using var other = server.Connect();
        Assert.Equal("fine", other.Echo("fine"));
    }

    [Fact]
    public async Task Frames_begun_on_many_connections_hold_no_more_memory_than_the_budget()
    {
        const int share = 1024 * 1024;
        await using var server = new TestServer(new ServerOptions { MaxHeldBytesPerUid = share });
        using var good = server.Connect();
        var hoarders = Enumerable.Range(0, 40).Select(_ => server.Connect()).ToList();
        byte[] begun = [0, 15, 0, 0, .. new byte[60_000]];
        hoarders.ForEach(h => h.Send(begun));
        Assert.Equal("memory_exhausted", hoarders[^1].Read()!.Value.GetProperty("error").GetProperty("details").GetProperty("reason").GetString());
        Assert.True(hoarders[^1].IsClosed());
        Assert.InRange(server.Server.Budget.Taken, 1, share);
        Assert.Contains("memory", await server.Events.NextDropAsync());
        Assert.Equal("served", good.Echo("served"));
        hoarders.ForEach(h => h.Dispose());
        await Patience.UntilAsync(() => server.Server.Budget.Taken == 0);
    }

    [Fact]
    public void Dropped_connections_are_told_only_so_fast()
    {
        var (told, time) = (new TestEvents(), new ManualTime());
        var events = new ThrottledEvents(told, time);
        for (var i = 0; i < ThrottledEvents.Burst + 3; i++)
        {
            events.ConnectionDropped(new Peer(7, 65534, 65534), "too many");
        }

        Assert.Equal(ThrottledEvents.Burst, told.Drops);
        events.ConnectionDropped(new Peer(8, 1000, 1000), "another user");
        Assert.Equal(ThrottledEvents.Burst + 1, told.Drops);
        time.Advance(TimeSpan.FromSeconds(1));
        events.ConnectionDropped(new Peer(7, 65534, 65534), "too many");
        Assert.Equal("too many (3 more of this user were not told)", told.LastDrop);
    }
}
