using Strata.Contracts;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Registry.Tests;

/// <summary>The life of a hosted service, seen from outside at the real program.</summary>
public sealed class ServiceLifeTests
{
    [Fact]
    public async Task Announces_readiness_and_answers()
    {
        using var registry = new RegistryProcess();
        await registry.ReadyAsync();
        await using var client = await registry.ConnectAsync();
        var ping = (await client.SendAsync(new RpcRequest("registry.ping")).Soon()).Get(IpcJson.Default.PingResult);
        Assert.Equal(new PingResult("registry", registry.Pid), ping);
        Assert.Single(registry.Events("listening"));
    }

    [Theory]
    [InlineData(Signal.SIGTERM)]
    [InlineData(Signal.SIGINT)]
    public async Task Drains_and_ends_well_when_told_to_stop(int signal)
    {
        using var registry = new RegistryProcess();
        await registry.ReadyAsync();
        await using var client = await registry.ConnectAsync();
        await using var watch = client.StreamAsync(new RpcRequest("registry.watch")).GetAsyncEnumerator();
        Assert.True(await watch.MoveNextAsync().AsTask().Soon());
        registry.Signal(signal);
        await registry.HearAsync(m => m.Stopping);
        Assert.True(await watch.MoveNextAsync().AsTask().Soon());
        Assert.Equal("draining", watch.Current.Error!.Reason);
        Assert.Equal(0, (await registry.ExitAsync()).Code);
        Assert.Single(registry.Events("stopped"));
    }

    [Fact]
    public async Task Serves_the_socket_it_inherits_and_those_who_waited_in_its_backlog()
    {
        using var directory = new TempDirectory();
        using var listener = UnixListener.Bind(directory["inherited.sock"], 0x180);
        await using var early = await RpcClient.ConnectAsync(directory["inherited.sock"]).Soon();
        var waiting = early.SendAsync(new RpcRequest("registry.ping"));
        using var registry = new RegistryProcess(new Dictionary<string, string> { ["LISTEN_FDS"] = "1" }, extra: [listener.Handle.Number]);
        await registry.ReadyAsync();
        Assert.Null((await waiting.Soon()).Error);
        Assert.False(File.Exists(registry.SocketPath));
    }

    [Fact]
    public async Task Socket_meant_for_another_process_is_left_alone()
    {
        using var directory = new TempDirectory();
        using var listener = UnixListener.Bind(directory["other.sock"], 0x180);
        using var registry = new RegistryProcess(
            new Dictionary<string, string> { ["LISTEN_FDS"] = "1", ["LISTEN_PID"] = "1" }, extra: [listener.Handle.Number]);
        await registry.ReadyAsync();
        await using var client = await registry.ConnectAsync();
        Assert.Null((await client.SendAsync(new RpcRequest("registry.ping")).Soon()).Error);
    }

    [Theory]
    [InlineData("STRATA_RUNTIME_DIR", "relative")]
    [InlineData("STRATA_NODE_ID", "a b")]
    [InlineData("STRATA_STALENESS_MS", "99")]
    [InlineData("STRATA_SUPERVISOR_PID", "x")]
    [InlineData("LISTEN_FDS", "2")]
    [InlineData("LISTEN_FDS", "1")]
    public async Task Wrong_setting_ends_it_with_its_own_code_and_a_message(string name, string value)
    {
        using var registry = new RegistryProcess(new Dictionary<string, string> { [name] = value });
        Assert.Equal(78, (await registry.ExitAsync()).Code);
        Assert.Contains(registry.Log, l => l.Contains(name == "LISTEN_FDS" && value == "1" ? "Descriptor 3" : name, StringComparison.Ordinal));
        Assert.DoesNotContain(registry.Log, l => l.Contains("   at ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Shows_that_it_is_alive_when_asked_to()
    {
        using var registry = new RegistryProcess(new Dictionary<string, string> { ["WATCHDOG_USEC"] = "60000" });
        await registry.HearAsync(m => m.Watchdog);
        await registry.HearAsync(m => m.Watchdog);
    }

    [Fact]
    public async Task Want_of_descriptors_is_said_without_spinning_and_does_not_last()
    {
        using var registry = new RegistryProcess(
            new Dictionary<string, string> { ["WATCHDOG_USEC"] = "300000" }, program: ["/bin/sh", "-c", "ulimit -n 160; exec \"$0\"", RegistryProcess.Program]);
        await registry.ReadyAsync();
        await using var inside = await registry.ConnectAsync();
        Assert.Null((await inside.SendAsync(new RpcRequest("registry.ping")).Soon()).Error);
        var crowd = Enumerable.Range(0, 160).Select(_ => UnixSocket.Connect(registry.SocketPath)).ToList();
        await Patience.UntilAsync(() => registry.Events("descriptors_exhausted").Any());
        await using (var late = await registry.ConnectAsync())
        {
            var refused = await Assert.ThrowsAsync<RpcException>(() => late.SendAsync(new RpcRequest("registry.ping")).Soon());
            Assert.Equal((ErrorCode.ResourceExhausted, "descriptors_exhausted"), (refused.Error.Code, refused.Error.Reason));
        }

        // The last descriptors are the service's own. The crowd stays; ten signs of life mark off a second.
        Assert.InRange(Directory.GetFiles($"/proc/{registry.Pid}/fd").Length, 1, 159 - 40);
        var before = registry.ProcessorTime();
        for (var i = 0; i < 10; i++)
        {
            await registry.HearAsync(m => m.Watchdog);
        }

        Assert.InRange(registry.ProcessorTime() - before, TimeSpan.Zero, TimeSpan.FromMilliseconds(300));
        Assert.Null((await inside.SendAsync(new RpcRequest("registry.list")).Soon()).Error);
        crowd.ForEach(c => c.Dispose());
        await Patience.UntilAsync(() => IsServed(registry));
    }

    private static bool IsServed(RegistryProcess registry)
    {
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, 0) { ReceiveTimeout = 5000 };
        try
        {
            socket.Connect(new System.Net.Sockets.UnixDomainSocketEndPoint(registry.SocketPath));
            socket.Send(new RpcRequest("registry.ping").ToFrame("p"));
            return socket.Receive(new byte[4]) > 0;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return false;
        }
    }

    private static async Task WatchToTheEndAsync(RpcClient client)
    {
        await foreach (var _ in client.StreamAsync(new RpcRequest("registry.watch")))
        {
        }
    }
}
