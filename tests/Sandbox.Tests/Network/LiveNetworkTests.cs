using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Strata.Contracts;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Sandbox.Tests;

/// <summary>Real sandboxes: programs inside, the host's loopback outside.</summary>
public sealed class LiveNetworkTests
{
    [Fact]
    public async Task A_program_inside_finds_the_proxy_and_reaches_what_it_may()
    {
        await using var engine = new EngineFixture();
        await using var node = await SandboxNode.StartAsync(engine.Engine, options => options with { Reachable = [IPNetwork.Parse("127.0.0.0/8")] });
        using var server = new LoopbackServer();
        var client = await node.ConnectAsync();
        await client.CreateAsync(string.Create(CultureInfo.InvariantCulture, $$"""{"session":"s","network":"proxy","allow":[{"to":"127.0.0.1","ports":[{{server.Port}}]}]}"""));
        var sandbox = Sandbox(node);
        var variables = node.Sessions.Table.All().Single().Session!.Environment;
        Assert.Equal("http://127.0.0.1:3128", variables["http_proxy"]);

        var answering = server.AnswerAsync("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
        var said = await sandbox.ShellAsync($"{Ask} 3128 \"GET http://127.0.0.1:{server.Port}/ HTTP/1.1\" \"Host: 127.0.0.1:{server.Port}\"");
        Assert.EndsWith("hello", said.Output, StringComparison.Ordinal);
        await answering;
    }

    [Fact]
    public async Task The_hosts_loopback_and_metadata_are_out_of_reach_and_that_is_told_and_recorded()
    {
        await using var engine = new EngineFixture();
        await using var node = await SandboxNode.StartAsync(engine.Engine);
        using var server = new LoopbackServer();
        var client = await node.ConnectAsync();
        await client.CreateAsync("""{"session":"s","network":"proxy","allow":[{"to":"*"},{"to":"0.0.0.0/0"}]}""");
        var sandbox = Sandbox(node);

        // Directly: it is not the same loopback, and there is no way to any other address.
        var direct = await sandbox.ShellAsync($"{Connect} {server.Port}");
        Assert.NotEqual(0, direct.Exit.Code);
        Assert.DoesNotContain("connected", direct.Output, StringComparison.Ordinal);
        var metadata = await sandbox.ShellAsync($"{Ask} 3128 'CONNECT 169.254.169.254:80 HTTP/1.1' 'Host: 169.254.169.254:80'");
        Assert.Contains("address_blocked", metadata.Output, StringComparison.Ordinal);
        var loopback = await sandbox.ShellAsync($"{Ask} 3128 'CONNECT 127.0.0.1:{server.Port} HTTP/1.1' 'Host: 127.0.0.1:{server.Port}'");
        Assert.Contains("address_blocked", loopback.Output, StringComparison.Ordinal);
        Assert.False(server.HasVisitor);

        // Unconfined the same program gets there.
        using var control = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("/bin/bash", ["-c", $"exec 3<>/dev/tcp/127.0.0.1/{server.Port}"]))!;
        await control.WaitForExitAsync().Soon();
        Assert.Equal(0, control.ExitCode);
        Assert.True(server.HasVisitor);

        Assert.Equal(2, (await client.GetAsync("stats", """{"session":"s"}""", ContractsJson.Default.SandboxStats)).NetworkDenied);
        await client.StatusAsync("close", "s");
        var denials = (await node.AuditAsync()).Where(record => record.GetProperty("event").GetString() == "sandbox.network_denied").ToList();
        Assert.Equal(["169.254.169.254:80", $"127.0.0.1:{server.Port}"], denials.Select(record => record.GetProperty("target").GetString()));
        Assert.All(denials, record => Assert.Equal(("alice", "address_blocked", "denied"),
            (record.GetProperty("subject").GetString(), record.GetProperty("reason").GetString(), record.GetProperty("outcome").GetString())));
    }

    [Fact]
    public async Task A_session_without_a_network_has_no_proxy_either()
    {
        await using var engine = new EngineFixture();
        var sandbox = await engine.CreateAsync();
        Assert.NotEqual(0, (await sandbox.ShellAsync($"{Connect} 3128")).Exit.Code);
    }

    [Fact]
    public async Task A_server_inside_is_reached_through_the_service_and_through_nothing_else()
    {
        await using var engine = new EngineFixture();
        var sandbox = await engine.CreateAsync();
        using var listener = await sandbox.ListenAsync(8000);
        using var outside = await sandbox.ConnectAsync(8000, CancellationToken.None);
        using var inside = await listener.AcceptAsync();
        await outside.SendAsync("ping"u8.ToArray());
        Assert.Equal(4, await inside.ReceiveAsync(new byte[8]).Soon());
        var refused = await Assert.ThrowsAsync<SocketException>(() => sandbox.ConnectAsync(8001, CancellationToken.None));
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
        using var direct = new TcpClient();
        await Assert.ThrowsAsync<SocketException>(() => direct.ConnectAsync(IPAddress.Loopback, 8000));
    }

    [Fact]
    public async Task A_connection_into_a_session_comes_as_a_descriptor()
    {
        await using var engine = new EngineFixture();
        await using var node = await SandboxNode.StartAsync(engine.Engine);
        var capability = node.Grant(rights: ["sandbox.create", "sandbox.expose"]);
        await (await node.ConnectAsync(capability)).CreateAsync("""{"session":"s"}""");
        using var listener = await Sandbox(node).ListenAsync(8000);
        var stream = await DescriptorTakingStream.ConnectAsync(node.SocketPath, CancellationToken.None);
        await using var client = new SandboxClient(new RpcClient(stream, node.SocketPath), capability.Token);
        Assert.Null((await client.CallAsync("connect", """{"session":"s","port":8000}""")).Error);
        using var descriptor = Assert.IsType<FileDescriptor>(stream.Take());
        using var inside = await listener.AcceptAsync().Soon();
        Assert.Equal(4, Descriptors.TryWrite(descriptor.Number, "ping"u8));
        Assert.Equal(4, await inside.ReceiveAsync(new byte[8]).Soon());

        // Whatever the service does with its own: the end comes as an end, behind all that was sent.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.Equal(4, Descriptors.TryWrite(descriptor.Number, "last"u8));
        descriptor.Dispose();
        Assert.Equal(4, await inside.ReceiveAsync(new byte[8]).Soon());
        Assert.Equal(0, await inside.ReceiveAsync(new byte[8]).Soon());

        await client.ErrorAsync("connect", """{"session":"s","port":8001}""", ErrorCode.Unavailable, "port_refused");
        Assert.Null(stream.Take());
    }

    // bash speaks TCP by itself.
    private const string Ask = "exec bash -c 'exec 3<>/dev/tcp/127.0.0.1/$0; printf \"%s\\r\\n%s\\r\\n\\r\\n\" \"$1\" \"$2\" >&3; cat <&3'";
    private const string Connect = "exec bash -c 'exec 3<>/dev/tcp/127.0.0.1/$0 && echo connected'";

    // Without holding it: its end would wait for that.
    private static ISandbox Sandbox(SandboxNode node)
    {
        using var use = node.Sessions.Table.All().Single().Session!.Use();
        return use.Sandbox;
    }
}
