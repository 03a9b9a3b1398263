using Strata.Ipc;

namespace Strata.Hosting.Tests.Server;

public sealed class DrainTests
{
    [Fact]
    public async Task Requests_already_sent_are_answered()
    {
        await using var server = new TestServer();
        using var client = server.Connect();
        Assert.Equal("connected", client.Echo("connected"));
        client.Send([.. Enumerable.Range(0, 300).SelectMany(i => RawClient.Request("test.echo", $"r{i}"))]);
        await server.Server.StopAsync().Soon();
        Assert.All(Enumerable.Range(0, 300), i => Assert.Equal($"r{i}", client.Read()!.Value.GetProperty("req_id").GetString()));
        Assert.True(client.IsClosed());
    }

    [Fact]
    public async Task Calls_in_progress_are_finished_even_those_that_wait_for_a_place()
    {
        await using var server = new TestServer(new ServerOptions { DrainTimeout = Patience.Limit }, new IpcLimits { MaxInFlight = 4 });
        using var client = server.Connect();
        client.Send([.. Enumerable.Range(0, 12).SelectMany(i => RawClient.Request("test.wait", $"w{i}"))]);
        await Patience.UntilAsync(() => server.Methods.Waiting == 4);
        var stopping = server.Server.StopAsync();
        Assert.False(stopping.IsCompleted);
        server.Methods.Gate.SetResult();
        var answered = Enumerable.Range(0, 12).Select(_ => client.Read()!.Value.GetProperty("req_id").GetString()!).Order();
        Assert.Equal(Enumerable.Range(0, 12).Select(i => $"w{i}").Order(), answered);
        Assert.Null(client.Read());
        await stopping.Soon();
    }

    [Fact]
    public async Task A_draining_server_takes_nothing_more_and_every_request_is_either_refused_to_its_sender_or_answered()
    {
        await using var server = new TestServer(new ServerOptions { DrainTimeout = Patience.Limit });
        using var client = server.Connect();
        client.Send("test.wait", "before");
        await Patience.UntilAsync(() => server.Methods.Waiting == 1);
        var accepted = 0;
        var sending = Task.Run(() =>
        {
            try
            {
                while (true)
                {
                    client.Send("test.echo", $"r{accepted}");
                    accepted++;
                }
            }
            catch (System.Net.Sockets.SocketException)
            {
                // Refused: from here on nothing is taken.
            }
        });
        await Patience.UntilAsync(() => Volatile.Read(ref accepted) > 10);
        var reading = Task.Run(() =>
        {
            var answered = new HashSet<string>();
            while (client.Read() is { } answer)
            {
                Assert.True(answered.Add(answer.GetProperty("req_id").GetString()!));
            }

            return answered;
        });
        var stopping = server.Server.StopAsync();
        await sending.Soon();
        server.Methods.Gate.SetResult();
        Assert.Equal(Enumerable.Range(0, accepted).Select(i => $"r{i}").Append("before").Order(), (await reading.Soon()).Order());
        await stopping.Soon();
    }

    [Fact]
    public async Task Streams_end_with_a_last_frame_that_says_why()
    {
        await using var server = new TestServer(new ServerOptions { DrainTimeout = Patience.Limit });
        using var client = server.Connect();
        client.Send("test.stream", "s", """{"text":"item"}""", ""","more":true""");
        Assert.True(client.Read()!.Value.GetProperty("continues").GetBoolean());
        var stopping = server.Server.StopAsync();
        var last = client.Read()!.Value;
        while (last.TryGetProperty("continues", out _))
        {
            last = client.Read()!.Value;
        }

        Assert.Equal("UNAVAILABLE", last.GetProperty("error").GetProperty("name").GetString());
        Assert.Equal("draining", last.GetProperty("error").GetProperty("details").GetProperty("reason").GetString());
        Assert.Null(client.Read());
        await stopping.Soon();
        await Patience.UntilAsync(() => server.Methods.StreamEnded);
    }

    [Fact]
    public async Task Answers_beyond_the_socket_buffer_arrive_whole()
    {
        await using var server = new TestServer(new ServerOptions { DrainTimeout = Patience.Limit });
        using var client = server.Connect();
        client.Send([.. Enumerable.Range(0, 3).SelectMany(i => RawClient.Request("test.echo", $"big{i}", """{"text":"0123456789","repeat":50000}"""))]);
        Assert.Equal(500_000, client.Read()!.Value.GetProperty("result").GetProperty("text").GetString()!.Length);
        var stopping = server.Server.StopAsync();
        Assert.Equal(500_000, client.Read()!.Value.GetProperty("result").GetProperty("text").GetString()!.Length);
        Assert.Equal(500_000, client.Read()!.Value.GetProperty("result").GetProperty("text").GetString()!.Length);
        Assert.Null(client.Read());
        await stopping.Soon();
    }

    [Fact]
    public async Task Hanging_call_is_cut_off_at_the_drain_timeout()
    {
        await using var server = new TestServer(new ServerOptions { DrainTimeout = TimeSpan.FromMilliseconds(150) });
        using var client = server.Connect();
        client.Send("test.wait", "hangs");
        await Patience.UntilAsync(() => server.Methods.Waiting == 1);
        await server.Server.StopAsync().Soon();
        Assert.True(client.IsClosed());
        Assert.False(server.Methods.Gate.Task.IsCompleted);
    }

    [Fact]
    public async Task Stop_returns_even_when_a_handler_holds_the_loop()
    {
        await using var server = new TestServer(new ServerOptions { Loops = 1, DrainTimeout = TimeSpan.FromMilliseconds(50) });
        using var client = server.Connect();
        client.Send("test.hold", "wedged");
        await Patience.UntilAsync(() => server.Methods.Waiting == 1);
        await server.Server.StopAsync().Soon();
        Assert.False(server.Methods.Release.IsSet);
    }

    [Fact]
    public async Task Draining_server_takes_no_new_connection()
    {
        await using var server = new TestServer(new ServerOptions { DrainTimeout = Patience.Limit });
        using var client = server.Connect();
        client.Send("test.wait", "w");
        await Patience.UntilAsync(() => server.Methods.Waiting == 1);
        var stopping = server.Server.StopAsync();
        using var stream = server.Connect();
        stream.Send("test.echo", "late");
        server.Methods.Gate.SetResult();
        Assert.NotNull(client.Read());
        await stopping.Soon();
        await server.Server.DisposeAsync();
        Assert.True(stream.IsClosed());
    }

    [Fact]
    public async Task Stopping_a_server_without_connections_is_immediate_and_may_be_repeated()
    {
        await using var server = new TestServer(new ServerOptions { Loops = 2, DrainTimeout = TimeSpan.FromHours(1) });
        await server.Server.StopAsync().Soon();
        await server.Server.StopAsync().Soon();
    }
}
