namespace Strata.Ipc.Tests;

public sealed class StreamTests : IDisposable
{
    private readonly TestMethods _methods = new();
    private readonly SessionDriver _driver;

    public StreamTests() => _driver = new(_methods.All(), new IpcLimits { OutputHighWaterBytes = 1024, MaxStreams = 3, MaxInFlight = 6 });

    public void Dispose() => _driver.Dispose();

    [Fact]
    public void Every_frame_but_the_last_continues()
    {
        Open("s", "t.count", """{"size":3}""");
        for (var i = 1; i <= 3; i++)
        {
            var item = _driver.Next();
            Assert.True(item.Continues());
            Assert.Equal(i, item.Result().GetProperty("number").GetInt32());
        }

        AssertLast("s", "ended");
    }

    [Fact]
    public void Without_more_the_first_item_is_the_only_answer()
    {
        _methods.Feed.Writer.TryWrite(7);
        var answer = _driver.Call("t.feed", "{}");
        Assert.False(answer.Continues());
        Assert.Equal(7, answer.Result().GetProperty("number").GetInt32());
        _driver.RunUntil(() => _driver.Session.InFlight == 0);
        Assert.True(_methods.Left.Wait(SessionDriver.Patience));
        _driver.AssertSilent();
    }

    [Fact]
    public void Without_more_an_empty_stream_says_that_it_ended() =>
        Assert.Equal("ended", _driver.Call("t.count", """{"size":0}""").Result().GetProperty("status").GetString());

    [Fact]
    public void A_cancelled_stream_gets_a_last_frame()
    {
        Open("s", "t.feed");
        _methods.Feed.Writer.TryWrite(1);
        Assert.True(_driver.Next().Continues());
        Assert.True(_driver.Call("cancel", """{"req_id":"s"}""", "c").IsOk());
        AssertLast("s", "cancelled");
        Assert.True(_methods.Left.Wait(SessionDriver.Patience));
    }

    [Fact]
    public void A_stream_past_its_deadline_says_so()
    {
        _driver.Receive("""{"v":1,"req_id":"s","method":"t.feed","more":true,"deadline_ms":100}""");
        _driver.Clock.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal("deadline_exceeded", _driver.Next().Reason());
        _driver.RunUntil(() => _driver.Session.InFlight == 0);
        _driver.AssertSilent();
    }

    [Fact]
    public void A_lost_connection_ends_the_handler()
    {
        Open("s", "t.feed");
        _driver.Session.Abort();
        Assert.True(_methods.Left.Wait(SessionDriver.Patience));
        _driver.RunUntil(() => _driver.Session.InFlight == 0);
    }

    [Fact]
    public void A_lost_connection_ends_a_handler_that_waits_for_room()
    {
        Open("s", "t.count", """{"size":1000000}""");
        while (_driver.Session.Output.Length < _driver.Limits.OutputHighWaterBytes)
        {
            _driver.RunOne();
        }

        _driver.Session.Abort();
        _driver.RunUntil(() => _driver.Session.InFlight == 0);
        Assert.InRange(_methods.Produced, 1, 100);
    }

    [Fact]
    public void A_consumer_that_does_not_read_stops_the_producer()
    {
        Open("s", "t.count", """{"size":1000}""");
        while (_driver.Session.Output.Length < _driver.Limits.OutputHighWaterBytes)
        {
            _driver.RunOne();
        }

        var produced = _methods.Produced;
        Assert.InRange(produced, 1, 50);
        _driver.RunPosted();
        Assert.Equal(produced, _methods.Produced);
        for (var i = 1; i <= 1000; i++)
        {
            Assert.Equal(i, _driver.Next().Result().GetProperty("number").GetInt32());
        }

        AssertLast("s", "ended");
    }

    [Fact]
    public void An_item_too_large_for_a_frame_ends_its_stream()
    {
        Open("s", "t.grow", """{"size":2000000}""");
        Assert.True(_driver.Next().Continues());
        var last = _driver.Next();
        last.AssertError(ErrorCode.ResourceExhausted, "frame limit");
        Assert.False(last.Continues());
        _driver.RunUntil(() => _driver.Session.InFlight == 0);
        _driver.AssertSilent();
    }

    [Fact]
    public void A_refused_stream_has_one_frame()
    {
        Open("s", "t.stream_refuse");
        _driver.Next().AssertError(ErrorCode.ResourceExhausted, "full");
        Assert.Equal(0, _driver.Session.InFlight);
    }

    [Fact]
    public void Streams_never_take_every_place_of_a_connection()
    {
        for (var i = 0; i < _driver.Limits.MaxStreams; i++)
        {
            Open($"s{i}", "t.feed");
        }

        _driver.AssertSilent();
        Open("over", "t.feed");
        var refused = _driver.Next();
        refused.AssertError(ErrorCode.ResourceExhausted, "as many streams as it may");
        Assert.Equal("too_many_streams", refused.Reason());
        Assert.True(_driver.Call("cancel", """{"req_id":"s0"}""", "c").IsOk());
        AssertLast("s0", "cancelled");
        Open("again", "t.feed");
        _driver.AssertSilent();
    }

    [Fact]
    public void Draining_ends_streams_and_says_why()
    {
        Open("s", "t.feed");
        _driver.Session.BeginDrain();
        _driver.Session.EndInput();
        var last = _driver.Next();
        last.AssertError(ErrorCode.Unavailable, "t is stopping; connect again");
        Assert.Equal("draining", last.Reason());
        Assert.False(last.Continues());
        _driver.RunUntil(() => _driver.Session.IsFinished);
        _driver.AssertSilent();
    }

    private void Open(string id, string method, string parameters = "{}") =>
        _driver.Receive($$"""{"v":1,"req_id":"{{id}}","method":"{{method}}","params":{{parameters}},"more":true}""");

    private void AssertLast(string id, string status)
    {
        var last = _driver.Next();
        Assert.Equal(id, last.Id());
        Assert.False(last.Continues());
        Assert.Equal(status, last.Result().GetProperty("status").GetString());
    }
}
