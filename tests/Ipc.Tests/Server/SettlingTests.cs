using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Strata.Ipc.Tests;

/// <summary>What the authorizer must do before a handler runs, and what becomes of a call meanwhile.</summary>
public sealed class SettlingTests : IDisposable
{
    private readonly SettlingAuthorizer _authorizer = new();
    private readonly ConcurrentQueue<string> _ran = new();
    private readonly SessionDriver _driver;

    public SettlingTests()
    {
        Method[] methods =
        [
            new UnaryMethod<TextParams, TextResult>("t.do", "Does it.", Access.Open, TestJson.Default.TextParams, TestJson.Default.TextResult, (p, _) => Run(p.Text)),
            new UnaryMethod<TextParams, TextResult>("t.block", "Does it elsewhere.", Access.Open, TestJson.Default.TextParams, TestJson.Default.TextResult, (p, _) => Run(p.Text)) { Blocking = true },
            new UnaryMethod<TextParams, TextResult>("t.fail", "Throws.", Access.Open, TestJson.Default.TextParams, TestJson.Default.TextResult,
                (_, _) => throw new InvalidOperationException("secret")),
            new StreamMethod<TextParams, TextResult>("t.stream", "Streams it.", Access.Open, TestJson.Default.TextParams, TestJson.Default.TextResult,
                (p, _) =>
                {
                    _ran.Enqueue(p.Text);
                    return new(Reply.Ok(One(p.Text)));
                }),
        ];
        _driver = new(methods, authorizer: _authorizer);
    }

    public void Dispose() => _driver.Dispose();

    [Theory]
    [InlineData("t.do")]
    [InlineData("t.block")]
    [InlineData("t.stream")]
    public void A_handler_runs_only_once_what_comes_first_is_done(string method)
    {
        Send(method, "late");
        _driver.AssertSilent();
        Assert.Empty(_ran);

        _authorizer.First.SetResult(null);
        Assert.Equal("late", _driver.Next().Result().GetProperty("text").GetString());
        Assert.Single(_ran);
    }

    [Fact]
    public void It_runs_on_the_loop()
    {
        Send("t.do", "thread");
        _ = Task.Run(() => _authorizer.First.SetResult(null));

        Assert.True(_driver.Next().IsOk());
        Assert.Equal(Environment.CurrentManagedThreadId, _ranOn);
    }

    [Theory]
    [InlineData("t.do", "")]
    [InlineData("t.block", "")]
    [InlineData("t.stream", ",\"more\":true")]
    public void A_denial_is_the_answer_and_the_handler_does_not_run(string method, string more)
    {
        Send(method, "never", more);
        _authorizer.First.SetResult(new RpcError(ErrorCode.Unauthenticated, "used") { Reason = "already_used" });

        Assert.Equal("already_used", _driver.Next().Reason());
        Assert.Empty(_ran);
        Assert.Equal(0, _driver.Session.InFlight);
    }

    [Theory]
    [InlineData("t.do", "")]
    [InlineData("t.stream", ",\"more\":true")]
    public void A_fault_of_what_comes_first_is_no_leave_to_run(string method, string more)
    {
        Send(method, "never", more);
        _authorizer.First.SetException(new InvalidOperationException("broken"));

        _driver.Next().AssertError(ErrorCode.Internal, "failed");
        Assert.Empty(_ran);
    }

    [Fact]
    public void A_handler_that_throws_after_it_is_answered_as_ever()
    {
        Send("t.fail", "x");
        _authorizer.First.SetResult(null);

        _driver.Next().AssertError(ErrorCode.Internal, "t.fail failed");
        Assert.Equal(0, _driver.Session.InFlight);
    }

    [Theory]
    [InlineData("t.do", "")]
    [InlineData("t.stream", ",\"more\":true")]
    public void A_call_whose_deadline_has_passed_meanwhile_is_not_carried_out(string method, string more)
    {
        Send(method, "never", ",\"deadline_ms\":50" + more);
        _driver.Clock.Advance(TimeSpan.FromMilliseconds(51));
        Assert.Equal("deadline_exceeded", _driver.Next().Reason());

        _authorizer.First.SetResult(null);
        _driver.RunUntil(() => _driver.Session.InFlight == 0);
        Assert.Empty(_ran);
    }

    [Fact]
    public void A_call_that_is_cancelled_meanwhile_is_not_carried_out()
    {
        Send("t.do", "never");
        _driver.Receive("""{"v":1,"req_id":"c","method":"cancel","params":{"req_id":"1"}}""");
        _authorizer.First.SetResult(null);
        _driver.RunUntil(() => _driver.Session.InFlight == 0);

        Assert.Empty(_ran);
    }

    [Fact]
    public void A_connection_that_is_gone_meanwhile_leaves_its_calls_undone()
    {
        Send("t.do", "never");
        _driver.Session.Abort();
        _authorizer.First.SetResult(null);
        _driver.RunUntil(() => _driver.Session.InFlight == 0);

        Assert.Empty(_ran);
    }

    [Fact]
    public void Nothing_is_asked_for_that_the_authorizer_denies()
    {
        _authorizer.Denial = new RpcError(ErrorCode.PermissionDenied, "no");
        Send("t.do", "never");

        _driver.Next().AssertError(ErrorCode.PermissionDenied, "no");
        Assert.Equal(0, _authorizer.Asked);
    }

    private int _ranOn;

    private void Send(string method, string text, string more = "") =>
        _driver.Receive($$"""{"v":1,"req_id":"1","method":"{{method}}","params":{"text":"{{text}}"}{{more}}}""");

    private ValueTask<Reply<TextResult>> Run(string text)
    {
        _ranOn = Environment.CurrentManagedThreadId;
        _ran.Enqueue(text);
        return (Reply<TextResult>)new TextResult(text);
    }

    private static async IAsyncEnumerable<TextResult> One(string text, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        yield return new TextResult(text);
        await Task.CompletedTask.WaitAsync(cancellation);
    }

    private sealed class SettlingAuthorizer : IAuthorizer
    {
        internal TaskCompletionSource<RpcError?> First { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal RpcError? Denial { get; set; }

        internal int Asked { get; private set; }

        public RpcError? Authenticate(in AuthorizationQuery query, out object? principal)
        {
            principal = null;
            return null;
        }

        public RpcError? Authorize(object? principal, CallContext call, string? resource) => Denial;

        public Task<RpcError?>? Settle(object? principal, CallContext call)
        {
            if (call.Method.Name == "cancel")
            {
                return null;
            }

            Asked++;
            return First.Task;
        }
    }
}
