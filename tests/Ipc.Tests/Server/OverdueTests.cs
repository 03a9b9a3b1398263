namespace Strata.Ipc.Tests;

public sealed class OverdueTests : IDisposable
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);
    private readonly TestMethods _methods = new();
    private readonly SessionDriver _driver;

    public OverdueTests() => _driver = new(_methods.All());

    public void Dispose() => _driver.Dispose();

    [Fact]
    public void A_connection_that_sends_nothing_is_overdue_after_half_a_minute() =>
        AssertOverdueAfter(_driver.Limits.FirstFrameTimeout, "no request was sent");

    [Fact]
    public void A_slow_sender_is_overdue_however_steadily_it_sends()
    {
        var frame = SessionDriver.Frame("""{"v":1,"req_id":"a","method":"t.ping"}""");
        for (var i = 0; i < 10; i++)
        {
            _driver.Session.Receive(frame.AsSpan(i, 1));
            Assert.Null(_driver.Overdue());
            _driver.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal("a frame was begun and not completed", _driver.Overdue());
    }

    [Fact]
    public void Each_frame_has_its_own_time()
    {
        var frame = SessionDriver.Frame("""{"v":1,"req_id":"a","method":"t.ping"}""");
        for (var i = 0; i < 10; i++)
        {
            // The rest of one frame and the beginning of the next arrive together.
            _driver.Session.Receive(i == 0 ? frame.AsSpan(0, 7) : [.. frame[7..], .. frame[..7]]);
            _driver.Ready();
            _driver.Clock.Advance(TimeSpan.FromSeconds(9));
            Assert.Null(_driver.Overdue());
        }

        _driver.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(_driver.Overdue());
    }

    [Fact]
    public void Unread_answers_are_overdue_without_progress()
    {
        _driver.Receive("""{"v":1,"req_id":"a","method":"t.blob","params":{"size":1000}}""");
        _driver.Clock.Advance(TimeSpan.FromSeconds(9));
        _driver.Flush(10);
        AssertOverdueAfter(_driver.Limits.WriteTimeout, "the peer does not read its answers");
    }

    [Fact]
    public void The_time_to_read_counts_from_the_answer_not_from_the_last_one()
    {
        _driver.Call("t.ping", "{}");
        _driver.Clock.Advance(TimeSpan.FromMinutes(5));
        _driver.Receive("""{"v":1,"req_id":"a","method":"t.ping"}""");
        AssertOverdueAfter(_driver.Limits.WriteTimeout, "the peer does not read its answers");
    }

    [Fact]
    public void An_idle_connection_is_overdue_after_ten_minutes()
    {
        _driver.Call("t.ping", "{}");
        AssertOverdueAfter(_driver.Limits.IdleTimeout, "idle");
    }

    [Fact]
    public void A_call_in_progress_is_never_overdue()
    {
        _driver.Receive("""{"v":1,"req_id":"a","method":"t.wait","params":{"text":"a"}}""");
        _driver.Clock.Advance(TimeSpan.FromHours(5));
        Assert.Null(_driver.Overdue());
        _methods.Open("a");
        _driver.Next();
        AssertOverdueAfter(_driver.Limits.IdleTimeout, "idle");
    }

    [Fact]
    public void A_frame_held_for_want_of_room_is_not_the_senders_delay()
    {
        using var driver = new SessionDriver(_methods.All(), new IpcLimits { MaxInFlight = 1 });
        var frame = SessionDriver.Frame("""{"v":1,"req_id":"a","method":"t.wait","params":{"text":"a"}}""");
        driver.Session.Receive([.. frame, .. frame, .. frame[..5]]);
        driver.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Null(driver.Overdue());
        _methods.Open("a");
        driver.Next();
        driver.Next();
        driver.Clock.Advance(TimeSpan.FromSeconds(10) - Moment);
        Assert.Null(driver.Overdue());
        driver.Clock.Advance(Moment);
        Assert.Equal("a frame was begun and not completed", driver.Overdue());
    }

    private void AssertOverdueAfter(TimeSpan limit, string why)
    {
        _driver.Clock.Advance(limit - Moment);
        Assert.Null(_driver.Session.Overdue(_driver.Clock.GetTimestamp(), out var next));
        Assert.Equal(Moment, next);
        _driver.Clock.Advance(Moment);
        Assert.Equal(why, _driver.Overdue());
    }
}
