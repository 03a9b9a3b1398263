using System.Text.Json;
using Strata.Ipc;

namespace Strata.Hosting.Tests.Server;

public sealed class ConversationTests
{
    [Fact]
    public async Task Many_requests_pipelined_on_one_connection_are_all_answered()
    {
        await using var server = new TestServer();
        using var client = server.Connect();
        const int count = 2000;
        var sending = Task.Run(() => client.Send([.. Enumerable.Range(0, count).SelectMany(i => RawClient.Request("test.echo", $"r{i}", $$"""{"text":"t{{i}}"}"""))]));
        for (var i = 0; i < count; i++)
        {
            var answer = client.Read()!.Value;
            Assert.Equal($"r{i}", answer.GetProperty("req_id").GetString());
            Assert.Equal($"t{i}", answer.GetProperty("result").GetProperty("text").GetString());
        }

        await sending.Soon();
    }

    [Fact]
    public async Task More_calls_than_may_be_in_flight_wait_and_are_answered()
    {
        await using var server = new TestServer(limits: new IpcLimits { MaxInFlight = 4 });
        using var client = server.Connect();
        for (var i = 0; i < 20; i++)
        {
            client.Send("test.wait", $"w{i}");
        }

        await Patience.UntilAsync(() => server.Methods.Waiting == 4);
        using (var other = server.Connect())
        {
            Assert.Equal("still here", other.Echo("still here"));
        }

        Assert.Equal(4, server.Methods.Waiting);
        server.Methods.Gate.SetResult();
        var answered = Enumerable.Range(0, 20).Select(_ => client.Read()!.Value.GetProperty("req_id").GetString()!);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"w{i}").Order(), answered.Order());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Concurrent_connections_each_get_their_own_answers(int loops)
    {
        await using var server = new TestServer(new ServerOptions { Loops = loops });
        await Task.WhenAll(Enumerable.Range(0, 32).Select(n => Task.Run(async () =>
        {
            await using var client = await RpcClient.ConnectAsync(server.Path);
            var calls = Enumerable.Range(0, 20).Select(i => client.CallAsync(
                "test.echo", new EchoParams($"{n}-{i}"), TestJson.Default.EchoParams, TestJson.Default.EchoResult));
            var answers = await Task.WhenAll(calls);
            Assert.Equal(Enumerable.Range(0, 20).Select(i => $"{n}-{i}"), answers.Select(a => a.Text));
        }))).Soon();
    }

    [Fact]
    public async Task Half_closed_client_still_gets_its_answers()
    {
        await using var server = new TestServer();
        using var client = server.Connect();
        client.Send("test.wait", "slow", """{"text":"late"}""");
        client.Send("test.echo", "quick", """{"text":"now"}""");
        client.HalfClose();
        Assert.Equal("quick", client.Read()!.Value.GetProperty("req_id").GetString());
        server.Methods.Gate.SetResult();
        Assert.Equal("late", client.Read()!.Value.GetProperty("result").GetProperty("text").GetString());
        Assert.Null(client.Read());
    }

    [Theory]
    [InlineData("test.fault")]
    [InlineData("test.fault_later")]
    public async Task Handler_fault_is_answered_and_leaves_the_connection_usable(string method)
    {
        await using var server = new TestServer();
        using var client = server.Connect();
        client.Send(method, "bad");
        var error = client.Read()!.Value.GetProperty("error");
        Assert.Equal("INTERNAL", error.GetProperty("name").GetString());
        Assert.DoesNotContain("broken", error.GetProperty("message").GetString());
        Assert.StartsWith("broken", (await server.Events.NextFaultAsync()).Message);
        Assert.Equal("on we go", client.Echo("on we go"));
    }

    [Theory]
    [InlineData("test.unwritable")]
    [InlineData("test.unwritable_later")]
    public async Task Answer_that_cannot_be_written_is_a_fault_of_that_call_alone(string method)
    {
        await using var server = new TestServer();
        using var client = server.Connect();
        client.Send(method, "nan");
        Assert.Equal("INTERNAL", client.Read()!.Value.GetProperty("error").GetProperty("name").GetString());
        Assert.Equal("on we go", client.Echo("on we go"));
    }

    [Fact]
    public async Task Blocking_handler_does_not_stall_other_calls_or_connections()
    {
        await using var server = new TestServer(new ServerOptions { Loops = 1 });
        using var client = server.Connect();
        client.Send("test.block", "b", """{"text":"done"}""");
        await Patience.UntilAsync(() => server.Methods.Waiting == 1);
        Assert.Equal("same connection", client.Echo("same connection"));
        using var other = server.Connect();
        Assert.Equal("other connection", other.Echo("other connection"));
        server.Methods.Release.Set();
        Assert.Equal("done", client.Read()!.Value.GetProperty("result").GetProperty("text").GetString());
    }

    [Fact]
    public async Task Stream_makes_no_more_than_the_client_takes()
    {
        await using var server = new TestServer(limits: new IpcLimits { OutputHighWaterBytes = 64 * 1024 });
        using var client = server.Connect();
        var big = $$"""{"text":"{{new string('x', 1000)}}","repeat":32}""";
        client.Send("test.stream", "s", big, ""","more":true""");
        var first = client.Read()!.Value;
        Assert.True(first.GetProperty("continues").GetBoolean());

        // Nobody reads: what is made must come to rest at what socket buffers and the high-water mark hold.
        var (before, settled) = (-1, 0);
        await Patience.UntilAsync(() =>
        {
            settled = server.Methods.Produced == before ? settled + 1 : 0;
            before = server.Methods.Produced;
            return settled == 20;
        });
        Assert.InRange(server.Methods.Produced, 1, 64);
        Assert.Equal("unharmed", Other(server));

        // Who reads again gets more; who leaves ends the stream.
        for (var i = 0; i < 100; i++)
        {
            client.Read();
        }

        Assert.True(server.Methods.Produced > before);
        client.Dispose();
        await Patience.UntilAsync(() => server.Methods.StreamEnded);
    }

    private static string? Other(TestServer server)
    {
        using var other = server.Connect();
        return other.Echo("unharmed");
    }
}
