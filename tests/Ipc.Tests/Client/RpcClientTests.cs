using System.Text;

namespace Strata.Ipc.Tests;

public sealed class RpcClientTests : IAsyncLifetime
{
    private readonly TestMethods _methods = new();
    private SessionServer _server = null!;
    private RpcClient _client = null!;

    public ValueTask InitializeAsync()
    {
        var (client, server) = DuplexStream.Pair();
        _server = new SessionServer(server, _methods.All());
        _client = new RpcClient(client, "/run/t.sock");
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_call_carries_records_both_ways()
    {
        var result = await _client.CallAsync("t.echo", new TextParams("žluť 😀 \"\\"), TestJson.Default.TextParams, TestJson.Default.TextResult);
        Assert.Equal("žluť 😀 \"\\", result.Text);
    }

    [Fact]
    public async Task Calls_share_the_connection_and_each_gets_its_own_answer()
    {
        var waiting = Enumerable.Range(0, 300).Select(i => SendAsync("t.wait", $"{i}")).ToArray();
        for (var i = waiting.Length - 1; i >= 0; i--)
        {
            _methods.Open($"{i}");
        }

        var answers = await Task.WhenAll(waiting).WaitAsync(SessionDriver.Patience);
        Assert.Equal(Enumerable.Range(0, 300).Select(i => $"{i}"), answers.Select(a => a.Get(TestJson.Default.TextResult).Text));
    }

    [Fact]
    public async Task An_error_is_a_value_to_SendAsync_and_thrown_by_CallAsync()
    {
        var response = await SendAsync("t.refuse", "x");
        Assert.Equal(ErrorCode.NotFound, response.Error!.Code);
        var thrown = await Assert.ThrowsAsync<RpcException>(() =>
            _client.CallAsync("t.all", new TextParams("x"), TestJson.Default.TextParams, TestJson.Default.TextResult));
        Assert.Equal(ErrorCode.InvalidArgument, thrown.Error.Code);
        Assert.Equal("field", Assert.Single(thrown.Error.Details).Key);
    }

    [Fact]
    public async Task A_cancelled_call_is_cancelled_at_the_service_too()
    {
        using var cancellation = new CancellationTokenSource();
        var call = _client.SendAsync(RpcRequest.Of("t.deaf", new TextParams("a"), TestJson.Default.TextParams), cancellation.Token);
        var context = await WaitForCallAsync();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        var ended = new TaskCompletionSource();
        await using var registration = context.Cancellation.Register(ended.SetResult);
        await ended.Task.WaitAsync(SessionDriver.Patience);
        _methods.Open("a");
        Assert.Null((await SendAsync("t.echo", "still here")).Error);
    }

    [Fact]
    public async Task A_request_larger_than_a_frame_is_refused_before_it_is_sent()
    {
        var thrown = await Assert.ThrowsAsync<RpcException>(() => SendAsync("t.echo", new string('x', 1024 * 1024)));
        Assert.Equal(ErrorCode.InvalidArgument, thrown.Error.Code);
        Assert.Null((await SendAsync("t.echo", "still here")).Error);
    }

    [Fact]
    public async Task Params_that_are_not_UTF8_are_refused_before_they_are_sent()
    {
        var thrown = await Assert.ThrowsAsync<RpcException>(() => _client.SendAsync(new RpcRequest("t.echo") { Params = new byte[] { (byte)'{', 0xff, (byte)'}' } }));
        Assert.Contains("not valid UTF-8", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_id_of_the_callers_own_is_used_and_must_be_free_and_short()
    {
        var first = _client.SendAsync(RpcRequest.Of("t.wait", new TextParams("a"), TestJson.Default.TextParams) with { ReqId = "1" });
        await Assert.ThrowsAsync<ArgumentException>(() => _client.SendAsync(new RpcRequest("t.ping") { ReqId = "1" }));
        await Assert.ThrowsAsync<ArgumentException>(() => _client.SendAsync(new RpcRequest("t.ping") { ReqId = new string('é', 129) }));
        await Assert.ThrowsAsync<ArgumentException>(() => _client.SendAsync(new RpcRequest("t.ping") { ReqId = "" }));
        for (var i = 0; i < 3; i++)
        {
            // Ids of the client's own choosing step aside.
            Assert.Null((await _client.SendAsync(new RpcRequest("t.ping"))).Error);
        }

        _methods.Open("a");
        Assert.Contains("\"req_id\":\"1\"", Encoding.UTF8.GetString((await first).Payload.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_yields_every_item_and_its_end()
    {
        var frames = new List<RpcResponse>();
        await foreach (var frame in _client.StreamAsync(RpcRequest.Of("t.count", new SizeParams(500), TestJson.Default.SizeParams)))
        {
            frames.Add(frame);
        }

        Assert.Equal(Enumerable.Range(1, 500), frames.Take(500).Select(f => f.Get(TestJson.Default.NumberItem).Number));
        Assert.Equal("ended", Assert.Single(frames.Skip(500)).Get(IpcJson.Default.StatusResult).Status);
    }

    [Fact]
    public async Task Leaving_a_stream_ends_it_at_the_service_and_frees_the_connection()
    {
        await foreach (var _ in _client.StreamAsync(RpcRequest.Of("t.count", new SizeParams(4_000_000), TestJson.Default.SizeParams)))
        {
            break;
        }

        Assert.Null((await SendAsync("t.echo", "still here").WaitAsync(SessionDriver.Patience)).Error);
        _methods.Feed.Writer.TryWrite(1);
        await foreach (var _ in _client.StreamAsync(new RpcRequest("t.feed")))
        {
            break;
        }

        Assert.True(_methods.Left.Wait(SessionDriver.Patience));
    }

    [Fact]
    public async Task A_consumer_may_call_on_the_same_connection_while_it_lags()
    {
        var seen = 0;
        await foreach (var item in _client.StreamAsync(RpcRequest.Of("t.count", new SizeParams(1000), TestJson.Default.SizeParams)))
        {
            if (seen++ % 100 == 0)
            {
                Assert.Null((await SendAsync("t.echo", "x").WaitAsync(SessionDriver.Patience)).Error);
            }
        }

        Assert.Equal(1001, seen);
    }

    [Fact]
    public async Task A_connection_lost_in_the_middle_names_the_socket()
    {
        var call = SendAsync("t.wait", "a");
        var stream = _client.StreamAsync(new RpcRequest("t.feed")).GetAsyncEnumerator();
        var next = stream.MoveNextAsync().AsTask();
        _server.OnLoop(_server.Session.Abort);
        foreach (var lost in new Task[] { call, next })
        {
            var thrown = await Assert.ThrowsAsync<RpcException>(() => lost.WaitAsync(SessionDriver.Patience));
            Assert.Equal(ErrorCode.Unavailable, thrown.Error.Code);
            Assert.Equal("connection_lost", thrown.Error.Reason);
            Assert.Contains("/run/t.sock", thrown.Message, StringComparison.Ordinal);
        }

        Assert.True(_client.IsBroken);
        Assert.Equal("connection_lost", (await Assert.ThrowsAsync<RpcException>(() => SendAsync("t.ping", "x"))).Error.Reason);
    }

    [Fact]
    public async Task Closing_the_client_ends_its_calls()
    {
        var calls = Enumerable.Range(0, RpcClient.MaxInFlight + 20).Select(_ => SendAsync("t.wait", "never")).ToArray();
        await _client.DisposeAsync();
        await _client.DisposeAsync();
        foreach (var call in calls)
        {
            Assert.Equal("closed", (await Assert.ThrowsAsync<RpcException>(() => call.WaitAsync(SessionDriver.Patience))).Error.Reason);
        }
    }

    private Task<RpcResponse> SendAsync(string method, string text) =>
        _client.SendAsync(RpcRequest.Of(method, new TextParams(text), TestJson.Default.TextParams));

    private async Task<CallContext> WaitForCallAsync()
    {
        using var patience = new CancellationTokenSource(SessionDriver.Patience);
        CallContext? call;
        while (!_methods.Calls.TryDequeue(out call))
        {
            await Task.Yield();
            patience.Token.ThrowIfCancellationRequested();
        }

        return call;
    }
}
