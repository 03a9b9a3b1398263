using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Strata.Contracts;
using Strata.Linux;

namespace Strata.Sandbox.Tests;

/// <summary>
/// A node whose host is the test's own network namespace, and a second namespace that is the internet to it: 8.1.0.2, 8.1.0.3, a private address and that of a
/// cloud's metadata. What leaves for it is counted.
/// </summary>
internal sealed class BridgeWorld : IAsyncDisposable
{
    internal static readonly IPAddress Server = IPAddress.Parse("8.1.0.2");
    internal static readonly IPAddress Other = IPAddress.Parse("8.1.0.3");
    internal static readonly IPAddress Host = IPAddress.Parse("8.1.0.1");
    internal static readonly IPAddress Private = IPAddress.Parse("10.9.0.1");
    internal static readonly IPAddress Metadata = IPAddress.Parse("169.254.169.254");

    internal const string Public = """{"to":"0.0.0.0/0"}""";

    private static int _last;
    private readonly OtherNetwork _internet;
    private readonly string _uplink = string.Create(CultureInfo.InvariantCulture, $"up{Interlocked.Increment(ref _last)}");
    private readonly EngineFixture _engine;
    private readonly NetlinkSocket _filters = NetlinkSocket.Open(NetlinkSocket.Netfilter);

    private BridgeWorld(OtherNetwork internet, EngineFixture engine) => (_internet, _engine) = (internet, engine);

    internal SandboxNode Node { get; private set; } = null!;

    internal SandboxClient Client { get; private set; } = null!;

    internal static async Task<BridgeWorld> MakeAsync(Func<SandboxOptions, SandboxOptions>? options = null, bool forwards = true)
    {
        Assert.NotEqual(Environment.GetEnvironmentVariable(BridgesInside.Variable), ProcessNamespace.OfNetwork());
        var world = new BridgeWorld(await OtherNetwork.MakeAsync(), new EngineFixture());
        Forward(forwards);
        world.Connect();
        world.Node = await SandboxNode.StartAsync(world._engine.Engine, given => With(options, given), TimeProvider.System);
        world.Client = await world.Node.ConnectAsync();
        return world;
    }

    internal static SandboxOptions With(Func<SandboxOptions, SandboxOptions>? options, SandboxOptions given)
    {
        var bridged = given with { Networks = ["none", "proxy", "bridge"], BridgePool = IPNetwork.Parse("100.126.0.0/24") };
        return options?.Invoke(bridged) ?? bridged;
    }

    internal static void Forward(bool on) => File.WriteAllText("/proc/sys/net/ipv4/ip_forward", on ? "1" : "0");

    /// <summary>Makes a session that may reach this, as JSON.</summary>
    internal Task<SandboxCreateResult> CreateAsync(string session, string allow) =>
        Client.CreateAsync($$"""{"session":"{{session}}","network":"bridge","allow":[{{allow}}]}""");

    internal SandboxSession Session(string name) => Node.Sessions.Table.All().Single(slot => slot.Record.Name == name).Session!;

    internal BridgeNetwork Bridge(string name) => (BridgeNetwork)Session(name).Network!;

    internal ISandbox Sandbox(string name)
    {
        using var use = Session(name).Use();
        return use.Sandbox;
    }

    internal Task<SandboxNetworkResult> NetworkAsync(string name) => Client.GetAsync("network", $$"""{"session":"{{name}}"}""", ContractsJson.Default.SandboxNetworkResult);

    /// <summary>Packets that left for the internet.</summary>
    internal long Left() => NetfilterMessages.ReadCounter(_filters, "watch", "left").Packets;

    internal Task<Socket> ListenAsync(IPAddress address, int port) => ListenAsync(_internet.Thread, _internet.Process, _internet.Kinds, address, port);

    internal Task<Socket> ListenInsideAsync(string session, int port) => WithSandboxAsync(session, (process, kinds) => ListenAsync(_internet.Thread, process, kinds, IPAddress.Any, port));

    /// <summary>A datagram socket in the internet.</summary>
    internal async Task<Socket> BindAsync(IPAddress address, int port)
    {
        var socket = await MakeAsync(_internet.Process, _internet.Kinds, 2, 2, 0);
        socket.Bind(new IPEndPoint(address, port));
        return socket;
    }

    /// <summary>A socket in a sandbox's network, of any kind: with more rights than any program inside has.</summary>
    internal Task<Socket> InsideAsync(string session, int family = 2, int type = 1, int protocol = 0) =>
        WithSandboxAsync(session, (process, kinds) => MakeAsync(process, kinds, family, type, protocol));

    /// <summary>A socket in the internet.</summary>
    internal Task<Socket> OutsideAsync() => MakeAsync(_internet.Process, _internet.Kinds, 2, 1, 0);

    /// <summary>Connects from inside, and says what came of it.</summary>
    internal async Task<SocketError> TryConnectAsync(string session, IPAddress address, int port)
    {
        using var socket = await InsideAsync(session);
        try
        {
            await socket.ConnectAsync(address, port).Soon();
            return SocketError.Success;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode;
        }
    }

    internal static string Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string said = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, said);
        return said;
    }

    /// <summary>Something in the internet's own network.</summary>
    internal string RunOutside(params string[] arguments) =>
        Run("/usr/bin/nsenter", [string.Create(CultureInfo.InvariantCulture, $"--net=/proc/{_internet.Pid}/ns/net"), "--", .. arguments]);

    internal static string Filters() => Run("/usr/sbin/nft", "list", "ruleset");

    internal static IReadOnlyList<string> Devices() =>
        [.. File.ReadAllLines("/proc/net/dev").Select(line => line.Trim()).Where(line => line.StartsWith(BridgeNames.Prefix, StringComparison.Ordinal))];

    internal static IReadOnlyList<string> Tables() =>
        [.. Filters().Split('\n').Where(line => line.StartsWith("table inet strata_", StringComparison.Ordinal) && !line.Contains("guard", StringComparison.Ordinal))];

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        await _engine.DisposeAsync();
        await _internet.DisposeAsync();
        _filters.Dispose();
        Run("/usr/sbin/nft", "flush ruleset");
        // Gone with the namespace at its other end, which the kernel takes its time for.
        await Patience.UntilAsync(() => !File.ReadAllText("/proc/net/dev").Contains(_uplink + ":", StringComparison.Ordinal));
    }

    private async Task<T> WithSandboxAsync<T>(string session, Func<FileDescriptor, NamespaceKinds, Task<T>> act)
    {
        using var init = ProcessHandle.Open(Sandbox(session).InitPid);
        return await act(init, NamespaceKinds.Network);
    }

    private async Task<Socket> MakeAsync(FileDescriptor process, NamespaceKinds kinds, int family, int type, int protocol) =>
        new(new SafeSocketHandle((await NamespaceSocket.MakeAsync(_internet.Thread, process, kinds, family, type, protocol)).Release(), ownsHandle: true));

    private static async Task<Socket> ListenAsync(SpawnThread thread, FileDescriptor process, NamespaceKinds kinds, IPAddress address, int port)
    {
        var socket = await NamespaceSocket.MakeAsync(thread, process, kinds);
        socket.Bind(new IPEndPoint(address, port));
        socket.Listen(16);
        return socket;
    }

    private void Connect()
    {
        Run("/usr/sbin/nft", string.Create(CultureInfo.InvariantCulture, $"table inet watch {{ counter left {{ }}; chain c {{ type filter hook postrouting priority 300; meta nfproto ipv4 oifname \"{_uplink}\" counter name left; }}; }}"));
        string pid = _internet.Pid.ToString(CultureInfo.InvariantCulture);
        Run("/usr/sbin/ip", "link", "set", "lo", "up");
        Run("/usr/sbin/ip", "link", "add", "name", _uplink, "type", "veth", "peer", "name", "eth0", "netns", pid);
        Run("/usr/sbin/ip", "addr", "add", "8.1.0.1/24", "dev", _uplink);
        Run("/usr/sbin/ip", "link", "set", _uplink, "up");
        foreach (string address in new[] { "8.1.0.2/24", "8.1.0.3/24", "10.9.0.1/32", "169.254.169.254/32" })
        {
            RunOutside("ip", "addr", "add", address, "dev", "eth0");
        }

        RunOutside("ip", "link", "set", "eth0", "up");
        RunOutside("ip", "route", "add", "default", "via", "8.1.0.1");
        foreach (string route in new[] { "default", "10.9.0.0/16", "169.254.169.254/32" })
        {
            Run("/usr/sbin/ip", "route", "add", route, "via", "8.1.0.2", "dev", _uplink);
        }

    }
}
