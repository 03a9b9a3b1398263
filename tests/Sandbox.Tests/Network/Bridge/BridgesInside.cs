using System.Net;
using System.Net.Sockets;
using System.Text;
using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Sandbox.Tests;

/// <summary>Run by <see cref="BridgeTests"/> alone, in a network namespace of its own.</summary>
public sealed class BridgesInside
{
    /// <summary>Names the network namespace of the machine, in which none of this may happen.</summary>
    internal const string Variable = "STRATA_TEST_BRIDGE_HOST";

    private const string Public = """{"to":"0.0.0.0/0"}""";

    [Fact(Explicit = true)]
    public async Task Programs_reach_what_is_allowed_by_the_hosts_address()
    {
        await using var world = await BridgeWorld.MakeAsync();
        using var server = await world.ListenAsync(BridgeWorld.Server, 80);
        using var names = await world.BindAsync(BridgeWorld.Server, 53);
        await world.CreateAsync("s", """{"to":"8.1.0.0/24"},{"to":"8.1.0.2","ports":[53]}""");

        var said = world.Sandbox("s").ShellAsync("cat /etc/resolv.conf; exec bash -c 'exec 3<>/dev/tcp/8.1.0.2/80 4>/dev/udp/8.1.0.2/53; echo asked >&4; echo hello >&3; cat <&3'");
        using var visitor = await server.AcceptAsync().Soon();
        Assert.Equal(BridgeWorld.Host, ((IPEndPoint)visitor.RemoteEndPoint!).Address);
        var buffer = new byte[64];
        Assert.Equal("hello\n", Encoding.ASCII.GetString(buffer, 0, await visitor.ReceiveAsync(buffer).Soon()));
        await visitor.SendAsync("world"u8.ToArray());
        visitor.Dispose();
        Assert.Equal("nameserver 8.1.0.2\nworld", (await said).Output);
        var asked = await names.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0)).Soon();
        Assert.Equal("asked\n", Encoding.ASCII.GetString(buffer, 0, asked.ReceivedBytes));

        var network = await world.NetworkAsync("s");
        Assert.Equal(("bridge", 2L, 0L), (network.Network, network.Connections, network.Denied));
        Assert.True(network.SentBytes > 100 && network.ReceivedBytes > 100, network.ToString());
    }

    [Fact(Explicit = true)]
    public async Task What_is_not_allowed_never_leaves_and_is_told_and_recorded()
    {
        await using var world = await BridgeWorld.MakeAsync(options => options with { Reachable = [IPNetwork.Parse("10.9.0.7/32")] });
        using var own = new TcpListener(IPAddress.Any, 0);
        own.Start();
        int port = ((IPEndPoint)own.LocalEndpoint).Port;
        await world.CreateAsync("s", $$"""{{Public}},{"to":"0.0.0.0/0","ports":[{{port}}]}""");
        await world.Client.ErrorAsync("create", """{"network":"bridge","allow":[{"to":"100.126.0.1"}]}""", ErrorCode.PermissionDenied, "destination_not_allowed");
        var (gateway, stranger) = (IPAddress.Parse("100.126.0.1"), IPAddress.Parse(world.Bridge("s").Address.ToString() == "100.126.0.77" ? "100.126.0.78" : "100.126.0.77"));

        foreach (var (address, at) in new[]
        {
            (BridgeWorld.Server, 81), (BridgeWorld.Private, 80), (BridgeWorld.Metadata, 80), (gateway, port), (gateway, 22), (gateway, 53), (BridgeWorld.Host, port), (stranger, port),
        })
        {
            Assert.Equal(SocketError.ConnectionRefused, await world.TryConnectAsync("s", address, at));
        }

        // Of what is sent to its own loopback nothing comes to the host's.
        Assert.Equal(SocketError.ConnectionRefused, await world.TryConnectAsync("s", IPAddress.Loopback, port));
        using (var ping = await world.InsideAsync("s", 2, 3, 1))
        {
            await ping.SendToAsync(new byte[] { 8, 0, 0xF7, 0xFF, 0, 0, 0, 0 }, SocketFlags.None, new IPEndPoint(BridgeWorld.Server, 0));
        }

        // Packets are counted, and a slow machine sends one again.
        Assert.InRange((await world.NetworkAsync("s")).Denied, 9, 30);
        Assert.Equal(0, world.Left());
        Assert.False(own.Pending());
        await world.Client.StatusAsync("close", "s");
        var denials = (await world.Node.AuditAsync()).Where(record => record.GetProperty("event").GetString() == "sandbox.network_denied")
            .Select(record => (record.GetProperty("target").GetString(), record.GetProperty("reason").GetString())).ToHashSet();
        Assert.Equal(
            new HashSet<(string?, string?)>
            {
                ("8.1.0.2:81", "port_denied"), ("10.9.0.1:80", "address_blocked"), ("169.254.169.254:80", "address_blocked"), ($"100.126.0.1:{port}", "address_blocked"), ("100.126.0.1:22", "address_blocked"),
                ("100.126.0.1:53", "address_blocked"), ($"8.1.0.1:{port}", "address_blocked"), ($"{stranger}:{port}", "address_blocked"), ("8.1.0.2 protocol 1", "protocol_denied"),
            },
            denials);
    }

    [Fact(Explicit = true)]
    public async Task Private_addresses_and_the_hosts_own_are_reached_where_node_and_session_name_them()
    {
        await using var world = await BridgeWorld.MakeAsync(options => options with { Reachable = [IPNetwork.Parse("10.9.0.0/16"), IPNetwork.Parse("8.1.0.1/32")] });
        using var server = await world.ListenAsync(BridgeWorld.Private, 80);
        using var own = new TcpListener(IPAddress.Any, 0);
        own.Start();
        int port = ((IPEndPoint)own.LocalEndpoint).Port;
        await world.CreateAsync("s", $$"""{"to":"10.9.0.1"},{"to":"8.1.0.1","ports":[{{port}}]}""");
        Assert.Equal(SocketError.Success, await world.TryConnectAsync("s", BridgeWorld.Private, 80));
        Assert.Equal(SocketError.Success, await world.TryConnectAsync("s", BridgeWorld.Host, port));
        Assert.NotEqual(SocketError.Success, await world.TryConnectAsync("s", BridgeWorld.Host, port == 9999 ? 9998 : 9999));
        Assert.NotEqual(SocketError.Success, await world.TryConnectAsync("s", IPAddress.Parse("100.126.0.1"), port));
    }

    [Fact(Explicit = true)]
    public async Task Sandboxes_are_apart_whatever_they_say_they_are()
    {
        await using var world = await BridgeWorld.MakeAsync(options => options with { Reachable = [IPNetwork.Parse("100.64.0.0/10")] });
        using var server = await world.ListenAsync(BridgeWorld.Server, 80);
        const string Allow = """{"to":"100.126.0.0/24"},{"to":"8.1.0.0/24"},{"to":"8.1.0.0/24","ports":[53]}""";
        await world.CreateAsync("a", Allow);
        await world.CreateAsync("b", Allow);
        using var listener = await world.ListenInsideAsync("b", 80);
        var (a, b) = (world.Bridge("a").Address, world.Bridge("b").Address);

        Assert.NotEqual(SocketError.Success, await world.TryConnectAsync("a", b, 80));
        Assert.False(listener.Poll(0, SelectMode.SelectRead));

        // A whole packet, its source that of the other, as nobody inside can send it: there is no right to raw sockets.
        var said = await world.Sandbox("a").ShellAsync("perl -e 'use Socket; socket(S, AF_INET, SOCK_RAW, 255) and print \"raw\"; socket(S, 17, SOCK_RAW, 0) and print \"packets\"; print \"done\"'", user: 0);
        Assert.Equal("done", said.Output);
        long before = (await world.NetworkAsync("a")).Denied;
        using (var raw = await world.InsideAsync("a", 2, 3, 255))
        {
            foreach (var source in new[] { b, BridgeWorld.Host, IPAddress.Parse("100.126.0.1"), BridgeWorld.Server })
            {
                await raw.SendToAsync(Datagram(source, BridgeWorld.Server), SocketFlags.None, new IPEndPoint(BridgeWorld.Server, 53));
                await raw.SendToAsync(Datagram(source, b), SocketFlags.None, new IPEndPoint(b, 53));
            }
        }

        await Patience.UntilAsync(async () => (await world.NetworkAsync("a")).Denied >= before + 8);
        Assert.Equal(0, world.Left());
        Assert.Equal(0, (await world.NetworkAsync("b")).Denied);

        // An address of its own that is not the one it was given.
        using (var control = await world.InsideAsync("a"))
        {
            Assert.NotEqual(a, b);
            control.Bind(new IPEndPoint(a, 0));
            await control.ConnectAsync(BridgeWorld.Server, 80).Soon();
        }

        await world.Client.StatusAsync("close", "a");
        Assert.Contains((await world.Node.AuditAsync()), record => record.TryGetProperty("reason", out var reason) && reason.GetString() == "source_spoofed");
    }

    [Fact(Explicit = true)]
    public async Task Nobody_answers_to_ARP_and_IPv6_is_closed()
    {
        await using var world = await BridgeWorld.MakeAsync();
        using var server = await world.ListenAsync(BridgeWorld.Server, 80);
        using var six = new TcpListener(IPAddress.IPv6Any, 0);
        six.Start();
        await world.CreateAsync("s", Public);
        string space = $"--net=/proc/{world.Sandbox("s").InitPid}/ns/net";
        BridgeWorld.Run("/usr/bin/nsenter", space, "--", "ip", "link", "set", "eth0", "arp", "on");
        using (var asking = await world.InsideAsync("s", 2, 2))
        {
            // A device that asks, as nobody inside can make it: for the host's own address, of all there are.
            await asking.SendToAsync("who has it"u8.ToArray(), new IPEndPoint(BridgeWorld.Host, 80));
            string known = BridgeWorld.Run("/usr/bin/nsenter", space, "--", "ip", "neigh", "show");
            Assert.Contains("8.1.0.1", known, StringComparison.Ordinal);
            Assert.DoesNotContain("lladdr", known, StringComparison.Ordinal);
        }

        BridgeWorld.Run("/usr/bin/nsenter", space, "--", "ip", "link", "set", "eth0", "arp", "off");

        string devices = BridgeWorld.Run("/usr/sbin/ip", "-o", "link", "show");
        Assert.Contains("NOARP", devices.Split('\n').Single(line => line.Contains(BridgeNames.Prefix, StringComparison.Ordinal)), StringComparison.Ordinal);
        using var inside = await world.InsideAsync("s", family: 10);
        var host = System.Net.NetworkInformation.NetworkInterface.GetAllNetworkInterfaces().Single(device => device.Name.StartsWith(BridgeNames.Prefix, StringComparison.Ordinal))
            .GetIPProperties().UnicastAddresses.Select(own => own.Address).FirstOrDefault(own => own.IsIPv6LinkLocal);
        if (host is not null)
        {
            host.ScopeId = 2; // eth0 inside
            var connecting = inside.ConnectAsync(new IPEndPoint(host, ((IPEndPoint)six.LocalEndpoint).Port));
            Assert.Equal(SocketError.Success, await world.TryConnectAsync("s", BridgeWorld.Server, 80));
            Assert.False(six.Pending());
            inside.Dispose();
            await connecting.ContinueWith(_ => { }, TaskScheduler.Default).Soon();
        }
    }

    [Fact(Explicit = true)]
    public async Task Nobody_outside_reaches_a_sandbox_that_did_not_begin_and_what_the_host_redirects_is_not_reached()
    {
        await using var world = await BridgeWorld.MakeAsync();
        using var server = await world.ListenAsync(BridgeWorld.Server, 80);
        using var hidden = await world.ListenAsync(BridgeWorld.Private, 80);
        await world.CreateAsync("s", Public);
        using var listener = await world.ListenInsideAsync("s", 8080);
        var address = world.Bridge("s").Address;
        using var outside = await world.OutsideAsync();
        using var host = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        var connecting = new[] { outside.ConnectAsync(address, 8080), host.ConnectAsync(address, 8080) };
        BridgeWorld.Run("/usr/sbin/nft", "table inet other { chain c { type nat hook prerouting priority dstnat; ip daddr 8.1.0.9 tcp dport 80 dnat ip to 10.9.0.1; }; }");
        Assert.NotEqual(SocketError.Success, await world.TryConnectAsync("s", IPAddress.Parse("8.1.0.9"), 80));
        Assert.Equal(SocketError.Success, await world.TryConnectAsync("s", BridgeWorld.Server, 80));
        Assert.False(listener.Poll(0, SelectMode.SelectRead));
        Assert.False(hidden.Poll(0, SelectMode.SelectRead));
        outside.Dispose();
        host.Dispose();
        await Task.WhenAll(connecting).ContinueWith(_ => { }, TaskScheduler.Default).Soon();
    }

    [Fact(Explicit = true)]
    public async Task Fewer_rules_cut_what_is_open_at_once_in_both_directions()
    {
        await using var world = await BridgeWorld.MakeAsync();
        using var server = await world.ListenAsync(BridgeWorld.Server, 80);
        await world.CreateAsync("s", Public);
        using var inside = await world.InsideAsync("s");
        await inside.ConnectAsync(BridgeWorld.Server, 80).Soon();
        using var second = await world.InsideAsync("s");
        await second.ConnectAsync(BridgeWorld.Server, 80).Soon();
        using var visitor = await server.AcceptAsync().Soon();
        using var other = await server.AcceptAsync().Soon();
        var buffer = new byte[16];
        await inside.SendAsync("one"u8.ToArray());
        Assert.Equal(3, await visitor.ReceiveAsync(buffer).Soon());

        await world.Client.GetAsync("network", """{"session":"s","allow":[{"to":"8.1.0.3"}]}""", ContractsJson.Default.SandboxNetworkResult);

        await inside.SendAsync("two"u8.ToArray());
        Assert.Equal(SocketError.ConnectionReset, (await Assert.ThrowsAsync<SocketException>(() => inside.ReceiveAsync(buffer).Soon())).SocketErrorCode);
        await other.SendAsync("three"u8.ToArray());
        Assert.Equal(SocketError.ConnectionReset, (await Assert.ThrowsAsync<SocketException>(() => other.ReceiveAsync(buffer).Soon())).SocketErrorCode);
        Assert.Equal(0, visitor.Available);
        Assert.Equal(0, second.Available);
        Assert.NotEqual(SocketError.Success, await world.TryConnectAsync("s", BridgeWorld.Server, 80));
        await world.Client.GetAsync("network", """{"session":"s","allow":[{"to":"8.1.0.2"}]}""", ContractsJson.Default.SandboxNetworkResult);
        Assert.Equal(SocketError.Success, await world.TryConnectAsync("s", BridgeWorld.Server, 80));
    }

    [Fact(Explicit = true)]
    public async Task Packet_filters_that_somebody_flushed_come_back_and_hold()
    {
        await using var world = await BridgeWorld.MakeAsync();
        using var server = await world.ListenAsync(BridgeWorld.Server, 80);
        using var hidden = await world.ListenAsync(BridgeWorld.Private, 80);
        await world.CreateAsync("s", Public);
        BridgeWorld.Run("/usr/sbin/nft", "flush ruleset");
        // Whatever comes first, the filters or the packet: nothing passes that was not looked at.
        Assert.NotEqual(SocketError.Success, await world.TryConnectAsync("s", BridgeWorld.Private, 80));
        Assert.Equal(SocketError.Success, await world.TryConnectAsync("s", BridgeWorld.Server, 80));
        Assert.False(hidden.Poll(0, SelectMode.SelectRead));
        Assert.InRange((await world.NetworkAsync("s")).Denied, 1, 10);
    }

    [Fact(Explicit = true)]
    public async Task Without_the_filters_nothing_passes_the_guard_in_any_direction()
    {
        await using var world = await BridgeWorld.MakeAsync();
        using var server = await world.ListenAsync(BridgeWorld.Server, 80);
        await world.CreateAsync("s", Public);
        using var inside = await world.InsideAsync("s");
        await inside.ConnectAsync(BridgeWorld.Server, 80).Soon();
        string table = BridgeWorld.Tables().Single().Split(' ')[2];
        foreach (string chain in new[] { "prerouting", "forward", "input", "output" })
        {
            BridgeWorld.Run("/usr/sbin/nft", "flush", "chain", "inet", table, chain);
        }

        long left = world.Left();
        using var own = new TcpListener(IPAddress.Any, 0);
        own.Start();
        using var socket = await world.InsideAsync("s", 2, 2);
        await socket.SendToAsync("out"u8.ToArray(), new IPEndPoint(BridgeWorld.Server, 80));
        await socket.SendToAsync("out"u8.ToArray(), new IPEndPoint(BridgeWorld.Private, 80));
        using var local = await world.InsideAsync("s");
        var connecting = local.ConnectAsync(BridgeWorld.Host, ((IPEndPoint)own.LocalEndpoint).Port);
        Assert.Equal(left, world.Left());
        Assert.False(own.Pending());
        local.Dispose();
        await connecting.ContinueWith(_ => { }, TaskScheduler.Default).Soon();
    }

    [Fact(Explicit = true)]
    public async Task More_connections_than_may_be_are_refused_and_more_sandboxes_than_there_are_addresses()
    {
        await using var world = await BridgeWorld.MakeAsync(options => options with { BridgePool = IPNetwork.Parse("100.126.0.0/29"), BridgeLimits = new BridgeLimits { MaxConnections = 2 } });
        using var server = await world.ListenAsync(BridgeWorld.Server, 80);
        for (int i = 0; i < 5; i++)
        {
            await world.CreateAsync($"s{i}", Public);
        }

        var error = await world.Client.ErrorAsync("create", """{"network":"bridge"}""", ErrorCode.ResourceExhausted, "addresses_exhausted");
        Assert.Contains("STRATA_SANDBOX_BRIDGE_POOL", error.Message, StringComparison.Ordinal);
        var freed = world.Bridge("s3").Address;
        await world.Client.StatusAsync("close", "s3");
        await world.CreateAsync("again", Public);
        Assert.Equal(freed, world.Bridge("again").Address);

        using var one = await world.InsideAsync("s0");
        using var two = await world.InsideAsync("s0");
        await one.ConnectAsync(BridgeWorld.Server, 80).Soon();
        await two.ConnectAsync(BridgeWorld.Server, 80).Soon();
        Assert.NotEqual(SocketError.Success, await world.TryConnectAsync("s0", BridgeWorld.Server, 80));
        Assert.Equal(SocketError.Success, await world.TryConnectAsync("s1", BridgeWorld.Server, 80));
        await world.Client.StatusAsync("close", "s0");
        Assert.Contains((await world.Node.AuditAsync()), record => record.TryGetProperty("reason", out var reason) && reason.GetString() == "too_many_connections");
    }

    private static byte[] Datagram(IPAddress source, IPAddress destination) =>
        [0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, .. source.GetAddressBytes(), .. destination.GetAddressBytes(), 0x30, 0x39, 0, 53, 0, 8, 0, 0];
}
