using System.Text;

namespace Strata.Ipc.Tests;

/// <summary>The client against services that do not keep to the protocol, or do not answer.</summary>
public sealed class ScriptedServerTests : IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private DuplexStream _server = null!;
    private RpcClient _client = null!;

    public ValueTask InitializeAsync()
    {
        (var client, _server) = DuplexStream.Pair();
        _client = new RpcClient(client, "/run/t.sock", _time);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_deadline_is_sent_and_kept()
    {
        var call = _client.SendAsync(new RpcRequest("t.ping") { Deadline = TimeSpan.FromMilliseconds(250) });
        Assert.Contains("\"deadline_ms\":250", await ReadRequestAsync(), StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromMilliseconds(249));
        Assert.False(call.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        var thrown = await Assert.ThrowsAsync<RpcException>(() => call.WaitAsync(SessionDriver.Patience));
        Assert.Equal("deadline_exceeded", thrown.Error.Reason);
        Assert.Equal("/run/t.sock did not answer t.ping within 250 ms", thrown.Message);
        Assert.Contains("\"method\":\"cancel\"", await ReadRequestAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deadline_is_kept_even_when_the_service_does_not_read()
    {
        var calls = Enumerable.Range(0, RpcClient.MaxInFlight + 10)
            .Select(_ => _client.SendAsync(new RpcRequest("t.ping") { Deadline = TimeSpan.FromSeconds(1) })).ToArray();
        _time.Advance(TimeSpan.FromSeconds(1));
        foreach (var call in calls)
        {
            Assert.Equal("deadline_exceeded", (await Assert.ThrowsAsync<RpcException>(() => call.WaitAsync(SessionDriver.Patience))).Error.Reason);
        }
    }

    [Fact]
    public async Task An_answer_nobody_awaits_is_dropped()
    {
        var call = _client.SendAsync(new RpcRequest("t.ping") { ReqId = "mine" });
        await ReadRequestAsync();
        await AnswerAsync("""{"v":1,"req_id":"other","ok":true,"result":{}}""");
        await AnswerAsync("""{"v":1,"req_id":"","ok":false,"error":{"code":1,"message":"x"}}""");
        await AnswerAsync("""{"v":1,"req_id":"mine","ok":true,"result":{"a":1},"later":[{}]}""");
        Assert.Equal("""{"a":1}""", Encoding.UTF8.GetString((await call.WaitAsync(SessionDriver.Patience)).Result.Span));
        await AnswerAsync("""{"v":1,"req_id":"mine","ok":true,"result":{"a":2}}""");
        Assert.False(_client.IsBroken);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("5")]
    [InlineData("""{"v":1,"req_id":5,"ok":true}""")]
    [InlineData("""{"v":1,"req_id":"1","ok":"yes"}""")]
    [InlineData("""{"v":1,"req_id":"1","ok":false,"error":"x"}""")]
    [InlineData("""{"v":1,"req_id":"1","ok":false,"error":{"code":"x"}}""")]
    [InlineData("""{"v":1,"req_id":"1","ok":true,"result":{}} trailing""")]
    public async Task Garbage_breaks_the_connection_naming_the_socket(string payload)
    {
        var call = _client.SendAsync(new RpcRequest("t.ping"));
        await ReadRequestAsync();
        await AnswerAsync(payload);
        await AssertGarbageAsync(call);
    }

    [Theory]
    [InlineData(0, 0, 0, 0)]
    [InlineData(0, 16, 0, 1)]
    [InlineData(255, 255, 255, 255)]
    public async Task An_impossible_length_breaks_the_connection(byte a, byte b, byte c, byte d)
    {
        var call = _client.SendAsync(new RpcRequest("t.ping"));
        await _server.WriteAsync(new[] { a, b, c, d });
        await AssertGarbageAsync(call);
    }

    [Fact]
    public async Task An_unknown_error_code_is_INTERNAL_and_keeps_its_message()
    {
        var call = _client.SendAsync(new RpcRequest("t.ping"));
        await ReadRequestAsync();
        await AnswerAsync("""{"v":1,"req_id":"1","ok":false,"error":{"code":99,"message":"new","details":{"reason":"r","field":"f","n":1}}}""");
        var error = (await call.WaitAsync(SessionDriver.Patience)).Error!;
        Assert.Equal((ErrorCode.Internal, "new", "r"), (error.Code, error.Message, error.Reason));
        Assert.Equal([new("field", "f")], error.Details);
    }

    [Fact]
    public async Task A_stream_too_far_ahead_of_its_consumer_is_ended_rather_than_everybody_stopped()
    {
        var stream = _client.StreamAsync(new RpcRequest("t.feed") { ReqId = "s" }).GetAsyncEnumerator();
        var first = stream.MoveNextAsync();
        await ReadRequestAsync();
        var call = _client.SendAsync(new RpcRequest("t.ping") { ReqId = "c" });
        await ReadRequestAsync();
        for (var i = 0; i < RpcClient.MaxHeldItemsWhileCalling + 10; i++)
        {
            await AnswerAsync("""{"v":1,"req_id":"s","ok":true,"continues":true,"result":{}}""");
        }

        await AnswerAsync("""{"v":1,"req_id":"c","ok":true,"result":{}}""");
        Assert.Null((await call.WaitAsync(SessionDriver.Patience)).Error);
        Assert.True(await first);
        var thrown = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await stream.MoveNextAsync())
            {
            }
        });
        Assert.Equal("consumer_lags", thrown.Error.Reason);
        Assert.Contains("\"method\":\"cancel\"", await ReadRequestAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lagging_consumer_stops_the_reading()
    {
        const int Items = RpcClient.MaxHeldItems + DuplexStream.MaxHeldWrites + 20;
        var stream = _client.StreamAsync(new RpcRequest("t.feed") { ReqId = "s" }).GetAsyncEnumerator();
        var first = stream.MoveNextAsync();
        await ReadRequestAsync();
        var written = 0;
        var full = new TaskCompletionSource();
        var writing = Task.Run(async () =>
        {
            for (; written < Items; written++)
            {
                var write = AnswerAsync("""{"v":1,"req_id":"s","ok":true,"continues":true,"result":{}}""");
                _ = write.IsCompleted || written < RpcClient.MaxHeldItems + DuplexStream.MaxHeldWrites || full.TrySetResult();
                await write;
            }
        });
        Assert.True(await first);
        await full.Task.WaitAsync(SessionDriver.Patience);
        Assert.False(writing.IsCompleted);
        for (var i = 1; i < Items; i++)
        {
            Assert.True(await stream.MoveNextAsync().AsTask().WaitAsync(SessionDriver.Patience));
        }

        await writing;
    }

    private async Task AssertGarbageAsync(Task call)
    {
        var thrown = await Assert.ThrowsAsync<RpcException>(() => call.WaitAsync(SessionDriver.Patience));
        Assert.Equal("the connection to /run/t.sock was lost: what came is not protocol v1", thrown.Message);
        Assert.True(_client.IsBroken);
    }

    private Task AnswerAsync(string payload) => _server.WriteAsync(SessionDriver.Frame(payload)).AsTask().WaitAsync(SessionDriver.Patience);

    private async Task<string> ReadRequestAsync()
    {
        using var patience = new CancellationTokenSource(SessionDriver.Patience);
        var header = new byte[4];
        await _server.ReadExactlyAsync(header, patience.Token);
        var payload = new byte[System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(header)];
        await _server.ReadExactlyAsync(payload, patience.Token);
        return Encoding.UTF8.GetString(payload);
    }
}
