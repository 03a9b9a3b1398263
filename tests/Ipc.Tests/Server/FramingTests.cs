using System.Buffers.Binary;

namespace Strata.Ipc.Tests;

public sealed class FramingTests : IDisposable
{
    private const string Ping = """{"v":1,"req_id":"p","method":"t.ping"}""";
    private readonly SessionDriver _driver = new(new TestMethods().All());

    public void Dispose() => _driver.Dispose();

    [Fact]
    public void A_frame_of_exactly_the_limit_is_answered()
    {
        _driver.Receive(Ping.PadRight(_driver.Limits.MaxFrameBytes));
        Assert.True(_driver.Next().IsOk());
        _driver.Receive(Ping);
        Assert.True(_driver.Next().IsOk());
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(1024u * 1024 + 1)]
    [InlineData(0x7fffffffu)]
    [InlineData(0x80000000u)]
    [InlineData(0xffffffffu)]
    public void An_impossible_length_ends_the_session_without_allocating(uint length)
    {
        var header = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(header, length);
        var before = GC.GetAllocatedBytesForCurrentThread();
        _driver.Session.Receive(header);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.InRange(allocated, 0, 4096);
        Assert.True(_driver.Session.IsFinished);
        Assert.False(_driver.Session.WantsInput);
    }

    [Fact]
    public void The_largest_length_announced_reserves_nothing()
    {
        var header = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(header, _driver.Limits.MaxFrameBytes);
        var before = GC.GetAllocatedBytesForCurrentThread();
        _driver.Session.Receive(header);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4096);
        Assert.False(_driver.Session.IsFinished);
    }

    [Fact]
    public void An_impossible_length_behind_good_frames_leaves_their_answers()
    {
        _driver.Session.Receive([.. SessionDriver.Frame(Ping), 0, 0, 0, 0]);
        Assert.False(_driver.Session.IsFinished);
        Assert.True(_driver.Next().IsOk());
        Assert.True(_driver.Session.IsFinished);
        _driver.Receive(Ping);
        Assert.Equal(0, _driver.Session.Output.Length);
    }

    [Fact]
    public void Bytes_may_arrive_one_at_a_time()
    {
        foreach (var b in SessionDriver.Frame(Ping).Concat(SessionDriver.Frame(Ping)))
        {
            _driver.Session.Receive([b]);
        }

        Assert.Equal(2, _driver.Ready().Count);
    }

    [Fact]
    public void Frames_may_be_cut_anywhere()
    {
        byte[] stream = [.. Enumerable.Range(0, 3).SelectMany(i => SessionDriver.Frame(Ping.Replace("\"p\"", $"\"{i}\"", StringComparison.Ordinal)))];
        for (var cut = 0; cut <= stream.Length; cut++)
        {
            _driver.Session.Receive(stream.AsSpan(0, cut));
            _driver.Session.Receive(stream.AsSpan(cut));
            Assert.Equal(["0", "1", "2"], _driver.Ready().Select(r => r.Id()));
        }
    }

    [Fact]
    public void Pipelined_requests_are_answered_from_one_read()
    {
        _driver.Session.Receive([.. Enumerable.Range(0, 500).SelectMany(_ => SessionDriver.Frame(Ping))]);
        Assert.Equal(500, _driver.Ready().Count);
    }

    [Fact]
    public void An_answered_request_allocates_little()
    {
        var frame = SessionDriver.Frame(Ping);
        for (var i = 0; i < 64; i++)
        {
            _driver.Session.Receive(frame);
            _driver.Session.Sent(_driver.Session.Output.Length);
        }

        _driver.Outcomes.Clear();
        _driver.Outcomes.EnsureCapacity(2000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            _driver.Session.Receive(frame);
            _driver.Session.Sent(_driver.Session.Output.Length);
        }

        var each = (GC.GetAllocatedBytesForCurrentThread() - before) / 1000;
        Assert.InRange(each, 0, 256);
    }
}
