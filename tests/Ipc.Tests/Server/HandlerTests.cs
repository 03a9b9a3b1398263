using System.Text.Json;

namespace Strata.Ipc.Tests;

public sealed class HandlerTests : IDisposable
{
    private readonly TestMethods _methods = new();
    private readonly SessionDriver _driver;

    public HandlerTests() => _driver = new(_methods.All());

    public void Dispose() => _driver.Dispose();

    [Fact]
    public void Concurrent_requests_are_answered_in_any_order()
    {
        foreach (var id in new[] { "a", "b", "c" })
        {
            Start("t.wait", id);
        }

        Assert.Equal(3, _driver.Session.InFlight);
        Assert.True(_driver.Call("t.echo", """{"text":"between"}""", "d").IsOk());
        foreach (var id in new[] { "c", "a", "b" })
        {
            _methods.Open(id);
            Assert.Equal(id, _driver.Next().Id());
        }

        Assert.Equal(0, _driver.Session.InFlight);
    }

    [Theory]
    [InlineData("t.throw")]
    [InlineData("t.stream_throw")]
    public void A_handler_that_throws_is_INTERNAL_without_details(string method)
    {
        for (var i = 0; i < _driver.Limits.MaxInFlight + 1; i++)
        {
            var answer = _driver.Call(method, method == "t.throw" ? """{"text":"x"}""" : "{}");
            answer.AssertError(ErrorCode.Internal, $"{method} failed; the log of t has the details");
            Assert.DoesNotContain("secret", answer.ToString(), StringComparison.Ordinal);
        }

        Assert.Equal(0, _driver.Session.InFlight);
        Assert.Equal(_driver.Limits.MaxInFlight + 1, _driver.Faults.Count);
    }

    [Fact]
    public void A_handler_that_throws_later_is_INTERNAL_without_details()
    {
        Start("t.wait", "a");
        _methods.Fail("a", new InvalidOperationException("secret"));
        var answer = _driver.Next();
        answer.AssertError(ErrorCode.Internal, "t.wait failed");
        Assert.DoesNotContain("secret", answer.ToString(), StringComparison.Ordinal);
        Assert.Equal("secret", Assert.Single(_driver.Faults).Message);
    }

    [Theory]
    [InlineData("t.nan")]
    [InlineData("t.nan_later")]
    public void A_result_that_JSON_cannot_say_is_INTERNAL_and_garbles_nothing(string method)
    {
        _driver.Receive("""{"v":1,"req_id":"before","method":"t.ping"}""");
        _driver.Receive($$$"""{"v":1,"req_id":"bad","method":"{{{method}}}","params":{"text":"written before the fault is met"}}""");
        Assert.True(_driver.Next().IsOk());
        _driver.Next().AssertError(ErrorCode.Internal, $"{method} failed");
        Assert.Single(_driver.Faults);
        Assert.True(_driver.Call("t.ping", "{}").IsOk());
        Assert.Equal(0, _driver.Session.InFlight);
    }

    [Fact]
    public void An_expected_error_thrown_is_answered_as_it_is()
    {
        Start("t.wait", "a");
        _methods.Fail("a", new RpcException(RpcError.Conflict("not now") with { Reason = "busy" }));
        var answer = _driver.Next();
        answer.AssertError(ErrorCode.Conflict, "not now");
        Assert.Equal("busy", answer.Reason());
        Assert.Empty(_driver.Faults);
    }

    [Fact]
    public void A_blocking_method_leaves_the_loop()
    {
        var answer = _driver.Call("t.thread", """{"text":"x"}""");
        Assert.NotEqual($"{Environment.CurrentManagedThreadId}", answer.Result().GetProperty("text").GetString());
    }

    [Fact]
    public void A_response_fits_the_frame_limit_or_says_why_not()
    {
        var overhead = JsonSerializer.Serialize(_driver.Call("t.blob", """{"size":0}""")).Length;
        var fits = _driver.Limits.MaxFrameBytes - overhead;
        Assert.True(_driver.Call("t.blob", $$"""{"size":{{fits}}}""").IsOk());
        var refused = _driver.Call("t.blob", $$"""{"size":{{fits + 1}}}""");
        refused.AssertError(ErrorCode.ResourceExhausted, "would exceed the frame limit of 1048576 bytes");
        Assert.Equal("response_too_large", refused.Reason());
        _driver.Call("t.blob", """{"size":4000000}""").AssertError(ErrorCode.ResourceExhausted, "frame limit");
        Assert.True(_driver.Call("t.ping", "{}").IsOk());
    }

    [Fact]
    public void A_very_long_message_is_cut_between_characters()
    {
        Assert.Equal(RpcError.MaxMessageChars, _driver.Call("t.refuse", """{"text":"x"}""").Message().Length);
        // An odd start puts the cut into the middle of a pair.
        var message = _driver.Call("t.refuse", """{"text":"x😀😀😀"}""").Message();
        Assert.InRange(message.Length, RpcError.MaxMessageChars - 1, RpcError.MaxMessageChars);
        Assert.DoesNotContain('\ufffd', message);
    }

    [Fact]
    public void An_error_that_exceeds_the_frame_limit_is_sent_without_its_details()
    {
        using var writer = new ResponseWriter(new IpcLimits { MaxFrameBytes = 128 });
        var output = new OutputBuffer();
        writer.WriteError(output, "a"u8, RpcError.InvalidField(new string('f', 5000), "short"));
        Assert.InRange(output.Length, 1, 132);
        Assert.DoesNotContain("fff", System.Text.Encoding.UTF8.GetString(output.Unsent.Span), StringComparison.Ordinal);
    }

    [Fact]
    public void A_deadline_answers_even_when_the_handler_does_not_heed_it()
    {
        Start("t.deaf", "a", ""","deadline_ms":50""");
        _driver.Clock.Advance(TimeSpan.FromMilliseconds(49));
        _driver.AssertSilent();
        _driver.Clock.Advance(TimeSpan.FromMilliseconds(1));
        var answer = _driver.Next();
        answer.AssertError(ErrorCode.Unavailable, "deadline");
        Assert.Equal("deadline_exceeded", answer.Reason());
        Assert.Equal(1, _driver.Session.InFlight);
        _methods.Open("a");
        _driver.RunUntil(() => _driver.Session.InFlight == 0);
        _driver.AssertSilent();
    }

    [Fact]
    public void A_deadline_cancels_a_handler_that_heeds_it()
    {
        Start("t.wait", "a", ""","deadline_ms":50""");
        _driver.Clock.Advance(TimeSpan.FromMilliseconds(50));
        Assert.Equal("deadline_exceeded", _driver.Next().Reason());
        _driver.RunUntil(() => _driver.Session.InFlight == 0);
        _driver.AssertSilent();
        Assert.Empty(_driver.Faults);
    }

    [Fact]
    public void A_deadline_timer_ends_with_its_call()
    {
        Start("t.wait", "a", ""","deadline_ms":3600000""");
        Assert.Equal(1, _driver.Clock.ArmedTimers);
        _methods.Open("a");
        Assert.True(_driver.Next().IsOk());
        Assert.Equal(0, _driver.Clock.ArmedTimers);
        Assert.True(_driver.Call("""{"v":1,"req_id":"1","method":"t.armed","deadline_ms":3600000,"params":{"text":"x"}}""").IsOk());
        Assert.Equal(0, _driver.Clock.ArmedTimers);
    }

    [Fact]
    public void A_call_that_has_ended_keeps_a_usable_token()
    {
        Start("t.deaf", "a", ""","deadline_ms":50""");
        _methods.Open("a");
        Assert.True(_driver.Next().IsOk());
        Assert.True(_methods.Calls.TryDequeue(out var call));
        using var registration = call.Cancellation.Register(() => { });
        Assert.False(call.Cancellation.IsCancellationRequested);
    }

    [Fact]
    public void Cancel_ends_the_call_of_that_id_alone()
    {
        Start("t.wait", "a");
        Start("t.wait", "b");
        var cancelled = _driver.Call("cancel", """{"req_id":"a"}""", "c");
        Assert.Equal("cancelled", cancelled.Result().GetProperty("status").GetString());
        var ended = _driver.Next();
        Assert.Equal("a", ended.Id());
        ended.AssertError(ErrorCode.Unavailable, "cancelled");
        Assert.Equal("cancelled", ended.Reason());
        Assert.Equal(1, _driver.Session.InFlight);
        _driver.Call("cancel", """{"req_id":"a"}""", "d").AssertError(ErrorCode.NotFound, "no call \"a\" is in progress");
        _driver.Call("cancel", "{}", "e").AssertError(ErrorCode.InvalidArgument, "\"req_id\" is missing");
        _methods.Open("b");
        Assert.True(_driver.Next().IsOk());
    }

    [Fact]
    public void A_cancellation_callback_that_throws_harms_nothing()
    {
        Start("t.deaf", "a");
        Assert.True(_methods.Calls.TryPeek(out var call));
        using var registration = call.Cancellation.Register(() => throw new InvalidOperationException("callback"));
        Assert.True(_driver.Call("cancel", """{"req_id":"a"}""", "c").IsOk());
        _driver.Session.Abort();
        Assert.True(_driver.Session.IsFinished);
    }

    [Fact]
    public void A_lost_connection_cancels_its_calls_and_answers_nothing()
    {
        Start("t.wait", "a");
        Start("t.deaf", "b");
        _driver.Session.Abort();
        Assert.True(_driver.Session.IsFinished);
        Assert.True(_methods.Calls.TryPeek(out var call) && call.Cancellation.IsCancellationRequested);
        _methods.Open("b");
        _driver.RunUntil(() => _driver.Session.InFlight == 0);
        Assert.Equal(0, _driver.Session.Output.Length);
    }

    [Fact]
    public void Every_request_is_counted_once_with_its_method_and_outcome()
    {
        _driver.Call("t.echo", """{"text":"x"}""");
        _driver.Call("t.echo", "{}");
        _driver.Call("t.nothing", "{}");
        Start("t.deaf", "a", ""","deadline_ms":50""");
        _driver.Clock.Advance(TimeSpan.FromSeconds(1));
        _driver.Next();
        _methods.Open("a");
        _driver.RunUntil(() => _driver.Session.InFlight == 0);
        Assert.Equal(
            [("t.echo", null), ("t.echo", ErrorCode.InvalidArgument), (null, ErrorCode.InvalidArgument), ("t.deaf", (ErrorCode?)ErrorCode.Unavailable)],
            _driver.Outcomes.Select(o => (o.Method, o.Error?.Code)));
    }

    private void Start(string method, string id, string further = "") =>
        _driver.Receive($$$"""{"v":1,"req_id":"{{{id}}}","method":"{{{method}}}","params":{"text":"{{{id}}}"}{{{further}}}}""");
}
