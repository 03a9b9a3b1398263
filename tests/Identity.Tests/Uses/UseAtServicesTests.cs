using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Identity.Tests;

/// <summary>Services on real sockets that have uses recorded by a real identity.</summary>
public sealed class UseAtServicesTests
{
    private static readonly IssueParams Ticket = new("fs", Rights: ["fs.read"], TtlSeconds: 600, Once: true);

    [Fact]
    public async Task Of_64_calls_on_several_connections_to_two_processes_of_a_service_one_runs()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        // As in a rolling restart: two processes, one service.
        await using var old = await Service.StartAsync(node, "fs", scratch["old.sock"]);
        await using var next = await Service.StartAsync(node, "fs", scratch["next.sock"]);
        var ticket = await node.IssueAsync(Ticket);
        var clients = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => RpcClient.ConnectAsync(i % 2 == 0 ? old.Path : next.Path)));

        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(i => clients[i % 8].SendAsync(Service.Read(ticket.Token)))).Soon();

        Assert.Single(answers, a => a.Error is null);
        Assert.Equal(63, answers.Count(a => a.Error is { Code: ErrorCode.Unauthenticated, Reason: "already_used" }));
        Assert.Equal(1, old.Ran + next.Ran);
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_call_that_is_denied_anyway_spends_nothing()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        await using var fs = await Service.StartAsync(node, "fs", scratch["fs.sock"]);
        await using var registry = await Service.StartAsync(node, "registry", scratch["registry.sock"]);
        var ticket = await node.IssueAsync(Ticket);

        Assert.Equal("right_missing", (await fs.SendAsync(Service.Read(ticket.Token) with { Method = "fs.write" })).Error?.Reason);
        Assert.Equal("wrong_service", (await registry.SendAsync(Service.Read(ticket.Token) with { Method = "registry.read" })).Error?.Reason);
        Assert.Equal(ErrorCode.InvalidArgument, (await fs.SendAsync(new RpcRequest("fs.read") { Token = ticket.Token, Params = "{\"cap_id\":7}"u8.ToArray() })).Error?.Code);
        Assert.Equal("no_path_prefix", (await fs.SendAsync(Service.Read(ticket.Token) with { Method = "fs.at" })).Error?.Reason);

        Assert.Null((await fs.SendAsync(Service.Read(ticket.Token))).Error);
        Assert.Equal("already_used", (await fs.SendAsync(Service.Read(ticket.Token))).Error?.Reason);
        Assert.Equal(1, fs.Ran);
    }

    [Fact]
    public async Task Without_identity_the_call_is_not_made_and_costs_nothing()
    {
        using var scratch = new Scratch();
        var node = await IdentityNode.StartAsync(scratch["state"]);
        await using var fs = await Service.StartAsync(node, "fs", scratch["fs.sock"]);
        var ticket = await node.IssueAsync(Ticket);
        await node.DisposeAsync();

        var error = (await fs.SendAsync(Service.Read(ticket.Token))).Error!;
        Assert.Equal((ErrorCode.Unavailable, "use_unavailable"), (error.Code, error.Reason));
        Assert.Equal(0, fs.Ran);

        await using var again = await IdentityNode.StartAsync(scratch["state"]);
        Assert.Null((await fs.SendAsync(Service.Read(ticket.Token))).Error);
        Assert.Equal("already_used", (await fs.SendAsync(Service.Read(ticket.Token))).Error?.Reason);
    }

    [Fact]
    public async Task After_a_kill_and_a_restart_of_identity_a_used_capability_stays_used()
    {
        using var scratch = new Scratch();
        var node = await IdentityNode.StartAsync(scratch["state"]);
        await using var fs = await Service.StartAsync(node, "fs", scratch["fs.sock"]);
        var ticket = await node.IssueAsync(Ticket);
        Assert.Null((await fs.SendAsync(Service.Read(ticket.Token))).Error);
        Scratch.CopyState(scratch["state"], scratch["killed"]);
        await node.DisposeAsync();
        Directory.Delete(scratch["state"], recursive: true);
        Directory.Move(scratch["killed"], scratch["state"]);

        await using var again = await IdentityNode.StartAsync(scratch["state"]);
        Assert.Equal("already_used", (await fs.SendAsync(Service.Read(ticket.Token))).Error?.Reason);
        Assert.Equal(1, fs.Ran);
    }

    [Fact]
    public async Task What_is_not_for_one_call_asks_identity_nothing()
    {
        using var scratch = new Scratch();
        var node = await IdentityNode.StartAsync(scratch["state"]);
        await using var fs = await Service.StartAsync(node, "fs", scratch["fs.sock"]);
        var usual = await node.IssueAsync(Ticket with { Once = null });
        await node.DisposeAsync();

        Assert.Null((await fs.SendAsync(Service.Read(usual.Token))).Error);
        Assert.Null((await fs.SendAsync(Service.Read(usual.Token))).Error);
    }

    /// <summary>A service with two methods, authorized as every service is.</summary>
    private sealed class Service : IAsyncDisposable
    {
        private readonly RpcChannel _identity;
        private readonly RpcChannel _client;
        private readonly SocketServer _server;
        private int _ran;

        private Service(IdentityNode node, string name, string path, KeySet keys)
        {
            var settings = node.Environment.Settings;
            _identity = new RpcChannel(settings.SocketOf("identity"), TimeProvider.System, PeerAuthority.MayServe);
            var authorizer = new CapabilityAuthorizer(
                name, settings, new TokenVerifier(Ed25519Provider.Create(), keys, new RevocationSet()), new PeerAuthority(UserId.Effective, new HashSet<uint>()),
                () => true, TimeProvider.System, null) { Uses = new IdentityUses(name, _identity) };
            Method[] methods =
            [
                Declare(name + ".read", null),
                Declare(name + ".write", null),
                Declare(name + ".at", name + ".read", _ => "hello.txt"),
            ];
            Path = path;
            _client = new RpcChannel(path);
            _server = new SocketServer(UnixListener.Bind(path, 0x180), new MethodTable(name, methods), authorizer, new Silence(), TimeProvider.System, new ServerOptions { Loops = 2 });
            _server.Start();
        }

        internal string Path { get; }

        internal int Ran => Volatile.Read(ref _ran);

        internal static async Task<Service> StartAsync(IdentityNode node, string name, string path)
        {
            await using var client = await node.ConnectAsync();
            var known = await client.CallAsync("identity.keys", new NoParams(), ContractsJson.Default.NoParams, ContractsJson.Default.KeysResult);
            var keys = known.Keys.Select(k => new Strata.Policy.VerificationKey(k.Version == "v2" ? TokenVersion.V2 : TokenVersion.V4, Convert.FromBase64String(k.PublicKey)));
            return new Service(node, name, path, KeySet.Of(keys));
        }

        internal static RpcRequest Read(string token) => RpcRequest.Of("fs.read", new ShowParams("00"), ContractsJson.Default.ShowParams, token);

        internal Task<RpcResponse> SendAsync(RpcRequest request) => _client.SendAsync(request).Soon();

        public async ValueTask DisposeAsync()
        {
            await _client.DisposeAsync();
            await _server.DisposeAsync();
            await _identity.DisposeAsync();
        }

        private UnaryMethod<ShowParams, StatusResult> Declare(string method, string? right, Func<ShowParams, string?>? resource = null) => new(
            method, "For tests.", Access.Right(right ?? method), ContractsJson.Default.ShowParams, ContractsJson.Default.StatusResult,
            (_, _) =>
            {
                Interlocked.Increment(ref _ran);
                return (Reply<StatusResult>)new StatusResult("done");
            })
        { Resource = resource };
    }

    private sealed class Silence : IServerEvents
    {
        public void HandlerFaulted(CallContext call, Exception exception) => Assert.Fail(exception.ToString());

        public void ConnectionDropped(Peer peer, string reason)
        {
        }

        public void DescriptorsExhausted()
        {
        }

        public void Heartbeat()
        {
        }
    }
}
