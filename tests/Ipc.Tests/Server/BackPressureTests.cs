namespace Strata.Ipc.Tests;

public sealed class BackPressureTests : IDisposable
{
    private readonly TestMethods _methods = new();
    private readonly SessionDriver _driver;

    public BackPressureTests() =>
        _driver = new(_methods.All(), new IpcLimits { MaxInFlight = 4, OutputHighWaterBytes = 8192 });

    public void Dispose() => _driver.Dispose();

    [Fact]
    public void Calls_in_progress_are_bounded_by_not_reading()
    {
        byte[] five = [.. Enumerable.Range(0, 5).SelectMany(i => Waiting($"{i}"))];
        _driver.Session.Receive(five.AsSpan(0, five.Length / 5 * 3));
        Assert.True(_driver.Session.WantsInput);
        _driver.Session.Receive(five.AsSpan(five.Length / 5 * 3));
        Assert.Equal(4, _driver.Session.InFlight);
        Assert.False(_driver.Session.WantsInput);
        _methods.Open("2");
        Assert.Equal("2", _driver.Next().Id());
        Assert.Equal(4, _driver.Session.InFlight);
        foreach (var id in new[] { "0", "1", "3", "4" })
        {
            _methods.Open(id);
            Assert.Equal(id, _driver.Next().Id());
        }

        Assert.True(_driver.Session.WantsInput);
    }

    [Fact]
    public void Unsent_output_is_bounded_by_not_reading()
    {
        byte[] many = [.. Enumerable.Range(0, 100).SelectMany(_ => SessionDriver.Frame("""{"v":1,"req_id":"b","method":"t.blob","params":{"size":1000}}"""))];
        _driver.Session.Receive(many);
        Assert.False(_driver.Session.WantsInput);
        Assert.InRange(_driver.Session.Output.Length, 8192, 8192 + 1100);
        var most = 0;
        var answered = 0;
        while (_driver.Session.Output.Length > 0)
        {
            most = Math.Max(most, _driver.Session.Output.Length);
            _driver.Flush(100);
        }

        answered = _driver.Ready().Count;
        Assert.Equal(100, answered);
        Assert.InRange(most, 8192, 8192 + 1100);
        Assert.True(_driver.Session.WantsInput);
    }

    [Fact]
    public void A_half_closed_client_gets_all_its_answers()
    {
        _driver.Session.Receive([.. Enumerable.Range(0, 6).SelectMany(i => Waiting($"{i}"))]);
        _driver.Session.EndInput();
        Assert.False(_driver.Session.WantsInput);
        for (var i = 5; i >= 0; i--)
        {
            _methods.Open($"{i}");
        }

        var answered = Enumerable.Range(0, 6).Select(_ => _driver.Next().Id()).Order();
        Assert.Equal(["0", "1", "2", "3", "4", "5"], answered);
        Assert.True(_driver.Session.IsFinished);
    }

    [Fact]
    public void A_half_closed_client_with_half_a_frame_is_finished()
    {
        _driver.Session.Receive(Waiting("a").AsSpan(0, 10));
        Assert.False(_driver.Session.IsFinished);
        _driver.Session.EndInput();
        Assert.True(_driver.Session.IsFinished);
    }

    [Fact]
    public void Nothing_in_progress_is_not_finished_while_the_client_may_send()
    {
        Assert.False(_driver.Session.IsFinished);
        _driver.Call("t.ping", "{}");
        Assert.False(_driver.Session.IsFinished);
    }

    [Fact]
    public void Draining_answers_what_comes_until_the_input_ends_and_takes_nothing_after_it()
    {
        _driver.Session.BeginDrain();
        Assert.True(_driver.Session.WantsInput);
        _driver.Session.Receive(Waiting("a"));
        _driver.Session.EndInput();
        Assert.False(_driver.Session.WantsInput);
        Assert.False(_driver.Session.IsFinished);
        _driver.Session.Receive(Waiting("late"));
        _methods.Open("a");
        Assert.Equal("a", _driver.Next().Id());
        Assert.True(_driver.Session.IsFinished);
        _driver.Session.BeginDrain();
        _driver.AssertSilent();
    }

    [Fact]
    public void Draining_answers_requests_that_waited_for_room_and_drops_what_was_only_begun()
    {
        _driver.Session.Receive([.. Enumerable.Range(0, 6).SelectMany(i => Waiting($"{i}")), .. Waiting("cut")[..9]]);
        _driver.Session.BeginDrain();
        _driver.Session.EndInput();
        _driver.AssertSilent();
        Assert.False(_driver.Session.IsFinished);
        for (var i = 0; i < 6; i++)
        {
            _methods.Open($"{i}");
            var answer = _driver.Next();
            Assert.True(answer.IsOk());
            Assert.Equal($"{i}", answer.Id());
        }

        Assert.True(_driver.Session.IsFinished);
    }

    [Fact]
    public void An_idle_session_is_drained_when_its_input_ends()
    {
        _driver.Session.BeginDrain();
        Assert.False(_driver.Session.IsFinished);
        _driver.Session.EndInput();
        Assert.True(_driver.Session.IsFinished);
    }

    private static byte[] Waiting(string id) =>
        SessionDriver.Frame($$$"""{"v":1,"req_id":"{{{id}}}","method":"t.wait","params":{"text":"{{{id}}}"}}""");
}
