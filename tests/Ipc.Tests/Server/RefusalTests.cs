namespace Strata.Ipc.Tests;

/// <summary>What was allowed is taken back while it is under way.</summary>
public sealed class RefusalTests : IDisposable
{
    private static readonly RpcError Revoked = new(ErrorCode.Unauthenticated, "taken back") { Reason = "revoked" };

    private readonly FakeAuthorizer _authorizer = new();
    private readonly TestMethods _methods = new();
    private readonly SessionDriver _driver;

    public RefusalTests() => _driver = new(_methods.All(), authorizer: _authorizer);

    public void Dispose() => _driver.Dispose();

    [Theory]
    [InlineData("t.wait")]
    [InlineData("t.deaf")]
    public void A_call_under_way_ends_with_the_refusal_whether_or_not_its_handler_heeds_it(string method)
    {
        Start(method, "a");
        var call = Assert.Single(_authorizer.Begun);

        call.Refuse(Revoked);

        var answer = _driver.Next();
        answer.AssertError(ErrorCode.Unauthenticated, "taken back");
        Assert.Equal(("a", "revoked"), (answer.Id(), answer.Reason()));
        Assert.True(call.Cancellation.IsCancellationRequested);
        _methods.Open("a");
        _driver.RunUntil(() => _driver.Session.InFlight == 0);
        _driver.AssertSilent();
    }

    [Fact]
    public void An_answer_that_was_ready_when_the_refusal_came_is_not_given()
    {
        Start("t.deaf", "a");
        _methods.Open("a");
        _driver.WaitForWork();
        Assert.Single(_authorizer.Begun).Refuse(Revoked);

        _driver.Next().AssertError(ErrorCode.Unauthenticated, "taken back");
        _driver.RunUntil(() => _driver.Session.InFlight == 0);
        _driver.AssertSilent();
    }

    [Fact]
    public void A_stream_gives_no_item_after_the_refusal()
    {
        _driver.Receive("""{"v":1,"req_id":"s","method":"t.feed","more":true}""");
        _methods.Feed.Writer.TryWrite(1);
        Assert.True(_driver.Next().Continues());
        _methods.Feed.Writer.TryWrite(2);
        _driver.WaitForWork();

        Assert.Single(_authorizer.Begun).Refuse(Revoked);

        var last = _driver.Next();
        last.AssertError(ErrorCode.Unauthenticated, "taken back");
        Assert.False(last.Continues());
        _driver.RunUntil(() => _driver.Session.InFlight == 0);
        _driver.AssertSilent();
    }

    [Fact]
    public void A_call_that_is_refused_the_moment_it_begins_gets_nothing_else()
    {
        _authorizer.OnBegan = call => call.Refuse(Revoked);

        Start("t.wait", "a");
        _driver.Next().AssertError(ErrorCode.Unauthenticated, "taken back");
        _driver.Receive("""{"v":1,"req_id":"s","method":"t.count","params":{"size":3},"more":true}""");
        _driver.Next().AssertError(ErrorCode.Unauthenticated, "taken back");
        _driver.RunUntil(() => _driver.Session.InFlight == 0);
        _driver.AssertSilent();
    }

    [Fact]
    public void A_call_answered_at_once_is_not_told_of_and_a_refusal_after_the_end_does_nothing()
    {
        Assert.True(_driver.Call("t.echo", """{"text":"x"}""").IsOk());
        Assert.Empty(_authorizer.Begun);

        Start("t.wait", "a");
        _methods.Open("a");
        Assert.True(_driver.Next().IsOk());
        var call = Assert.Single(_authorizer.Begun);
        Assert.True(call.HasEnded);
        call.Refuse(Revoked);
        _driver.AssertSilent();
    }

    private void Start(string method, string id) =>
        _driver.Receive($$"""{"v":1,"req_id":"{{id}}","method":"{{method}}","params":{"text":"{{id}}"} }""");
}
