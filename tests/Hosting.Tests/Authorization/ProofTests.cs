using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Strata.Hosting.Tests.Server;
using Strata.Ipc;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Hosting.Tests.Authorization;

/// <summary>What a thief of a token, or of a whole signed request, tries at a service on a real socket.</summary>
public sealed class ProofTests : IAsyncDisposable
{
    private readonly TestDirectory _directory = new();
    private readonly ManualTime _time = new();
    private readonly AuditLog _audit;
    private readonly Ed25519PrivateKey _key = Tokens.Provider.Generate();
    private readonly List<SocketServer> _servers = [];
    private readonly string _token;
    private int _ran;

    public ProofTests()
    {
        _audit = new AuditLog(_directory.Settings, "fs", _time, new TestLog());
        _token = Encoding.ASCII.GetString(Tokens.Token(Bound(_key)));
        Serve("fs");
        // Past the first second of a process, in which nothing signed is taken.
        _time.Advance(TimeSpan.FromSeconds(2));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }

        await _audit.DisposeAsync();
        _key.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void The_holder_is_let_in_by_every_signed_request()
    {
        using var client = new RawClient(_directory["fs.sock"]);
        Assert.Null(Ask(client, Signed("a", "fs.read")));
        Assert.Null(Ask(client, Signed("b", "fs.read")));
        Assert.Equal(2, _ran);
    }

    [Fact]
    public async Task A_stolen_token_alone_opens_nothing_and_is_audited()
    {
        using var client = new RawClient(_directory["fs.sock"]);
        Assert.Equal("proof_missing", Ask(client, Unsigned(_token)));
        Assert.Equal(0, _ran);

        await _audit.CommitAsync(new AuditRecord("test.end", "allowed")).Soon();
        var lines = await File.ReadAllLinesAsync(Path.Combine(_directory.Settings.AuditDir, "fs.jsonl"));
        Assert.Contains(lines, l => l.Contains("proof_missing", StringComparison.Ordinal) && l.Contains(Tokens.IdOf(1), StringComparison.Ordinal));
    }

    [Fact]
    public void A_request_does_not_serve_twice_on_this_connection_or_another()
    {
        using var client = new RawClient(_directory["fs.sock"]);
        using var thief = new RawClient(_directory["fs.sock"]);
        var request = Signed("a", "fs.read");

        Assert.Null(Ask(client, request));
        Assert.Equal("proof_replayed", Ask(client, request));
        Assert.Equal("proof_replayed", Ask(thief, request));
        Assert.Equal(1, _ran);
    }

    [Fact]
    public void A_request_for_one_service_is_none_for_another()
    {
        // Both let the method in by the same right, and have the same name for it: only the service that was signed differs.
        Serve("registry", "fs.read");
        _time.Advance(TimeSpan.FromSeconds(2));
        using var thief = new RawClient(_directory["registry.sock"]);

        Assert.Equal("proof_invalid", Ask(thief, Signed("a", "fs.read")));
        Assert.Equal(0, _ran);
    }

    [Theory]
    [InlineData("\"req_id\":\"a\"", "\"req_id\":\"b\"")]
    [InlineData("\"req_id\":\"a\"", "\"req_id\":\"\\u0061\"")]
    [InlineData("fs.read", "fs.write")]
    [InlineData("\"text\":\"x\"", "\"text\":\"y\"")]
    [InlineData("{\"text\":\"x\"}", "{ \"text\":\"x\"}")]
    [InlineData(",\"params\":{\"text\":\"x\"}", "")]
    [InlineData("\"time\":189349", "\"time\":189350")]
    public void A_request_that_was_altered_is_refused(string from, string to)
    {
        using var client = new RawClient(_directory["fs.sock"]);
        var altered = Signed("a", "fs.read").Replace(from, to, StringComparison.Ordinal);
        var reason = Ask(client, altered);

        Assert.Contains(reason, new[] { "proof_invalid", "proof_replayed" });
        Assert.Equal(0, _ran);
    }

    [Fact]
    public void A_call_is_not_made_a_stream_by_others()
    {
        using var client = new RawClient(_directory["fs.sock"]);
        Assert.Equal("proof_invalid", Ask(client, Signed("a", "fs.stream").Replace("\"params\"", "\"more\":true,\"params\"", StringComparison.Ordinal)));
        Assert.Null(Ask(client, Signed("b", "fs.stream", streams: true).Replace("\"params\"", "\"more\":true,\"params\"", StringComparison.Ordinal)));
    }

    [Fact]
    public void Another_key_and_another_token_do_not_fit()
    {
        using var thiefs = Tokens.Provider.Generate();
        using var client = new RawClient(_directory["fs.sock"]);
        Assert.Equal("proof_invalid", Ask(client, Signed("a", "fs.read", thiefs)));

        // A thief's own token, and his own proof, exchanged for the stolen one.
        var own = Encoding.ASCII.GetString(Tokens.Token(Bound(thiefs) with { CapabilityId = Tokens.IdOf(2) }));
        Assert.Equal("proof_invalid", Ask(client, Signed("b", "fs.read", thiefs, own).Replace(own, _token, StringComparison.Ordinal)));
        Assert.Null(Ask(client, Signed("c", "fs.read", thiefs, own)));
    }

    [Theory]
    [InlineData(-31)]
    [InlineData(2)]
    [InlineData(3600)]
    public void A_proof_is_good_near_its_time_only(int seconds)
    {
        _time.Advance(TimeSpan.FromMinutes(2));
        using var client = new RawClient(_directory["fs.sock"]);

        Assert.Equal("proof_replayed", Ask(client, Signed("a", "fs.read", at: _time.GetUtcNow().AddSeconds(seconds))));
        Assert.Equal(0, _ran);
    }

    [Fact]
    public void A_malformed_proof_is_an_invalid_request()
    {
        using var client = new RawClient(_directory["fs.sock"]);
        client.Send(RawClient.Frame(Signed("a", "fs.read").Replace("\"sig\"", "\"signature\"", StringComparison.Ordinal)));

        Assert.Contains("auth.proof.signature", client.Read()!.Value.GetProperty("error").GetProperty("message").GetString()!, StringComparison.Ordinal);
    }

    [Fact]
    public void A_proof_that_nobody_asked_for_is_not_looked_at()
    {
        // Who has a key may sign whatever the token says: it need not look into it.
        var free = Encoding.ASCII.GetString(Tokens.Token(Tokens.Claims with { CapabilityId = Tokens.IdOf(3), Rights = NameList.Of("fs.read") }));
        using var client = new RawClient(_directory["fs.sock"]);
        var request = Signed("a", "fs.read", token: free);

        Assert.Null(Ask(client, request));
        Assert.Null(Ask(client, request));
    }

    [Fact]
    public void What_came_of_a_bound_capability_is_bound()
    {
        Assert.True(Attenuation.TryDerive(Bound(_key), new IssueRequest { Rights = ["fs.read"] }, Tokens.IdOf(9), _time.GetUtcNow(), out var child, out _, out _));
        var token = Encoding.ASCII.GetString(Tokens.Token(child));
        using var client = new RawClient(_directory["fs.sock"]);

        Assert.Equal("proof_missing", Ask(client, Unsigned(token)));
        Assert.Null(Ask(client, Signed("b", "fs.read", token: token)));
    }

    [Fact]
    public void What_an_earlier_process_took_is_not_taken_after_a_restart()
    {
        var ahead = Signed("a", "fs.read", at: _time.GetUtcNow().AddSeconds(1));
        using (var client = new RawClient(_directory["fs.sock"]))
        {
            Assert.Null(Ask(client, ahead));
        }

        Serve("fs", socket: "next");
        using var next = new RawClient(_directory["next.sock"]);
        Assert.Equal("proof_replayed", Ask(next, ahead));
        next.Send(RawClient.Frame(Signed("b", "fs.read")));
        Assert.Equal("1006", next.Read()!.Value.GetProperty("error").GetProperty("details").GetProperty("retry_after_ms").GetString());

        _time.Advance(TimeSpan.FromMilliseconds(1001));
        Assert.Equal("proof_replayed", Ask(next, ahead));
        Assert.Null(Ask(next, Signed("c", "fs.read")));
        Assert.Equal(2, _ran);
    }

    [Fact]
    public void A_call_that_needs_neither_signature_nor_use_pays_for_neither()
    {
        var verifier = new TokenVerifier(Tokens.Provider, KeySet.Of(Tokens.Key.VerificationKey), new RevocationSet());
        var authorizer = new CapabilityAuthorizer(
            "fs", _directory.Settings, verifier, new PeerAuthority(uint.MaxValue, new HashSet<uint>()), () => true, _time, _audit) { Uses = new NoLedger() };
        var (method, token) = (Echo("fs.read"), Tokens.Token());
        var call = new CallContext(method, "a", new Peer(1, 1, 1), _time);
        Allocated(() => Judge(authorizer, method, token, call), 100);

        var principal = Allocated(() => _ = Principal.Holder(Tokens.Claims), 1000);
        Assert.Equal(principal, Allocated(() => Judge(authorizer, method, token, call), 1000));
    }

    private static void Judge(CapabilityAuthorizer authorizer, Method method, byte[] token, CallContext call)
    {
        Assert.Null(authorizer.Authenticate(new AuthorizationQuery { Method = method, Token = token, Peer = call.Peer, Call = call }, out var principal));
        Assert.Null(authorizer.Authorize(principal, call, null));
        Assert.Null(authorizer.Settle(principal, call));
    }

    private static long Allocated(Action work, int times)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < times; i++)
        {
            work();
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private sealed class NoLedger : IUseLedger
    {
        public Task<DenyReason> SpendAsync(CapabilityClaims claims, CallContext call) => throw new InvalidOperationException("nothing is to be spent");
    }

    [Fact]
    public async Task A_client_that_waited_for_a_service_to_start_signs_anew()
    {
        var slow = new ProofSigner(_key, new Behind(_time));
        var times = 0;
        await using var channel = new RpcChannel(_directory["fs.sock"]);
        var response = await channel.SendAsync(RpcRequest.Of("fs.read", new EchoParams("x"), TestJson.Default.EchoParams, _token) with
        {
            Signer = (method, id, parameters, token, streams) =>
                (times++ == 0 ? slow : new ProofSigner(_key, _time)).Sign(method, id, parameters, token, streams),
        }).Soon();

        Assert.Null(response.Error);
        Assert.Equal((2, 1), (times, _ran));
    }

    private static CapabilityClaims Bound(Ed25519PrivateKey key) => Tokens.Claims with
    {
        Rights = NameList.Of("fs.read", "fs.stream", "fs.write"),
        Constraints = Tokens.Claims.Constraints with { HolderKey = HolderKey.Of(key.PublicKey) },
    };

    private static string? Ask(RawClient client, string request)
    {
        client.Send(RawClient.Frame(request));
        var answer = client.Read()!.Value;
        return answer.GetProperty("ok").GetBoolean() ? null : answer.GetProperty("error").GetProperty("details").GetProperty("reason").GetString();
    }

    private static string Unsigned(string token) => $$$"""{"v":1,"req_id":"a","method":"fs.read","auth":{"token":"{{{token}}}"},"params":{}}""";

    private string Signed(string reqId, string method, Ed25519PrivateKey? key = null, string? token = null, DateTimeOffset? at = null, bool streams = false)
    {
        const string Params = """{"text":"x"}""";
        var timeMs = (at ?? _time.GetUtcNow()).ToUnixTimeMilliseconds();
        var signature = new byte[IEd25519.SignatureBytes];
        (key ?? _key).Sign(
            ProofMessage.Of(new SignedCall
            {
                Service = Encoding.UTF8.GetBytes(method[..method.IndexOf('.', StringComparison.Ordinal)]),
                ReqId = Encoding.UTF8.GetBytes(reqId),
                Method = Encoding.UTF8.GetBytes(method),
                Params = Encoding.UTF8.GetBytes(Params),
                Token = Encoding.UTF8.GetBytes(token ?? _token),
                Streams = streams,
                TimeMs = timeMs,
            }),
            signature);
        return $$$"""{"v":1,"req_id":"{{{reqId}}}","method":"{{{method}}}","auth":{"token":"{{{token ?? _token}}}","proof":{"time":{{{timeMs}}},"sig":"{{{Base64Url.EncodeToString(signature)}}}"}},"params":{{{Params}}}}""";
    }

    private void Serve(string name, string? method = null, string? socket = null)
    {
        var verifier = new TokenVerifier(Tokens.Provider, KeySet.Of(Tokens.Key.VerificationKey), new RevocationSet());
        var authorizer = new CapabilityAuthorizer(
            name, _directory.Settings, verifier, new PeerAuthority(uint.MaxValue, new HashSet<uint>()), () => true, _time, _audit)
        {
            // Lets the test send one service's request to another, which no right would keep out.
            DelegatingRights = new HashSet<string>(["fs.read"]),
        };
        Method[] methods =
        [
            Echo(method ?? $"{name}.read"),
            Echo($"{name}.write"),
            new StreamMethod<EchoParams, EchoResult>(
                $"{name}.stream", "For tests.", Access.Right($"{name}.stream"), TestJson.Default.EchoParams, TestJson.Default.EchoResult,
                (p, _) => Reply.Ok(new[] { new EchoResult(p.Text) }.ToAsyncEnumerable())),
        ];
        var server = new SocketServer(
            UnixListener.Bind(_directory[$"{socket ?? name}.sock"], 0x180), new MethodTable(name, methods), authorizer, new TestEvents(), TimeProvider.System, new ServerOptions { Loops = 2 });
        server.Start();
        _servers.Add(server);
    }

    private UnaryMethod<EchoParams, EchoResult> Echo(string method) => new(
        method, "For tests.", Access.Right(method), TestJson.Default.EchoParams, TestJson.Default.EchoResult,
        (p, _) =>
        {
            Interlocked.Increment(ref _ran);
            return (Reply<EchoResult>)new EchoResult(p.Text);
        });

    /// <summary>A clock that is a minute late.</summary>
    private sealed class Behind(TimeProvider time) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => time.GetUtcNow() - TimeSpan.FromMinutes(1);
    }
}
