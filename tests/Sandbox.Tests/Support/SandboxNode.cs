using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Sandbox.Tests;

/// <summary>The sandbox service on a real socket in a directory of its own, with tokens signed by a key of the test, a clock that stands and an engine that makes nothing unless another is given.</summary>
internal sealed class SandboxNode : IAsyncDisposable, IServerEvents
{
    internal static readonly string[] AllRights = ["sandbox.create", "sandbox.exec", "sandbox.read", "sandbox.write"];

    private static readonly IEd25519 Provider = Ed25519Provider.Create();

    private readonly TempDirectory _home = new();
    private readonly SigningKey _key = SigningKey.Generate(Provider, TokenVersion.V2);
    private readonly ConcurrentQueue<string> _faults = new();
    private readonly List<SandboxClient> _clients = [];
    private readonly NodeSettings _settings;
    private readonly Func<SandboxOptions, SandboxOptions> _options;
    private AuditLog _audit = null!;
    private SocketServer? _server;
    private CapabilityAuthorizer _authorizer = null!;
    private int _lastCapability;

    private SandboxNode(ISandboxEngine? engine, Func<SandboxOptions, SandboxOptions>? options, TimeProvider? time)
    {
        _settings = new NodeSettings { RuntimeDir = _home.Path, StateDir = _home["state"], NodeId = "test-0" };
        Directory.CreateDirectory(_settings.StateDir, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        (RealEngine, _options, Time) = (engine, options ?? (o => o), time ?? Clock);
    }

    internal ManualTime Clock { get; } = new();

    internal TimeProvider Time { get; }

    internal FakeEngine Engine { get; } = new();

    internal ISandboxEngine? RealEngine { get; }

    internal RevocationSet Revocations { get; } = new();

    internal SandboxService Service { get; private set; } = null!;

    internal SandboxSessions Sessions => Service.Sessions;

    // Tokens tell whole seconds.
    private DateTimeOffset Now => DateTimeOffset.FromUnixTimeSeconds(Time.GetUtcNow().ToUnixTimeSeconds());

    /// <summary>Where the service listens.</summary>
    internal string SocketPath => _settings.SocketOf("sandbox");

    /// <summary>Where sessions are kept.</summary>
    internal string SessionsDirectory => Path.Combine(_settings.StateDir, "sandbox", "sessions");

    internal static async Task<SandboxNode> StartAsync(
        ISandboxEngine? engine = null, Func<SandboxOptions, SandboxOptions>? options = null, TimeProvider? time = null)
    {
        var node = new SandboxNode(engine, options, time);
        await node.BeginAsync();
        return node;
    }

    /// <summary>A capability, with all rights of the service unless said otherwise.</summary>
    internal Capability Grant(string subject = "alice", string[]? rights = null, SandboxBounds? bounds = null) => Sign(new CapabilityClaims
    {
        Issuer = _settings.Issuer,
        Audience = CapabilityNames.Audience,
        CapabilityId = $"{Interlocked.Increment(ref _lastCapability):x32}",
        Subject = subject,
        IssuedAt = Now,
        ExpiresAt = Now + TimeSpan.FromDays(30),
        Service = "sandbox",
        Rights = NameList.Of(rights ?? AllRights),
        Constraints = CapabilityConstraints.None with { Sandbox = bounds ?? SandboxBounds.None },
    });

    /// <summary>A capability derived as any holder may derive one.</summary>
    internal Capability Derive(Capability parent, string? subject = null, SandboxRequest? bounds = null)
    {
        var id = $"{Interlocked.Increment(ref _lastCapability):x32}";
        Assert.True(Attenuation.TryDerive(parent.Claims, new IssueRequest { Subject = subject, Sandbox = bounds }, id, Now, out var child, out var fault, out _), fault?.ToString());
        return Sign(child);
    }

    internal async Task<SandboxClient> ConnectAsync(Capability? capability = null)
    {
        var client = new SandboxClient(await RpcClient.ConnectAsync(_settings.SocketOf("sandbox")), (capability ?? Grant()).Token);
        _clients.Add(client);
        return client;
    }

    /// <summary>Revokes as the identity feed does: in force first, then told.</summary>
    internal void Revoke(Capability capability)
    {
        Revocations.Add(new RevokedCapability(capability.Claims.CapabilityId, capability.Claims.ExpiresAt));
        Sessions.CloseRevoked();
        _authorizer.EndRevokedCalls();
    }

    /// <summary>As after kill -9: nothing is ended, another process begins.</summary>
    internal async Task CrashAsync()
    {
        await DisconnectAsync();
        await BeginAsync();
    }

    /// <summary>Stops and starts the service as its supervisor does.</summary>
    internal async Task RestartAsync()
    {
        await DisconnectAsync();
        await Service.DisposeAsync();
        await BeginAsync();
    }

    /// <summary>Stops the node and reads its audit records.</summary>
    internal async Task<IReadOnlyList<JsonElement>> AuditAsync()
    {
        await DisconnectAsync();
        return [.. File.ReadLines(Path.Combine(_settings.AuditDir, "sandbox.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)];
    }

    public async ValueTask DisposeAsync()
    {
        await DisconnectAsync();
        await Service.DisposeAsync();
        _key.Dispose();
        RemoveChanges();
        _home.Dispose();
        Assert.Empty(_faults);
    }

    /// <summary>An overlay leaves directories that their owner may not enter.</summary>
    private void RemoveChanges()
    {
        if (Directory.Exists(SessionsDirectory))
        {
            using var state = DirectoryHandle.Open(Path.GetDirectoryName(SessionsDirectory)!);
            LayerRemoval.Remove(state, "sessions"u8);
            LayerRemoval.Remove(state, "snapshots"u8);
        }
    }

    public void HandlerFaulted(CallContext call, Exception exception) => _faults.Enqueue(exception.ToString());

    public void ConnectionDropped(Peer peer, string reason) => _faults.Enqueue(reason);

    public void DescriptorsExhausted() => _faults.Enqueue("descriptors exhausted");

    public void Heartbeat()
    {
    }

    private Capability Sign(CapabilityClaims claims) => new(claims, TokenIssuer.Issue(claims, _key));

    private async Task BeginAsync()
    {
        _audit = new AuditLog(_settings, "sandbox", TimeProvider.System, NullLogger.Instance);
        var options = _options(new SandboxOptions { StateDirectory = Path.Combine(_settings.StateDir, "sandbox") });
        Service = new SandboxService(options, RealEngine ?? Engine, _audit, Revocations, Time);
        await Sessions.RestoreAsync(CancellationToken.None).Soon();
        var verifier = new TokenVerifier(Provider, KeySet.Of(_key.VerificationKey), Revocations);
        var authority = new PeerAuthority(UserId.Effective, new HashSet<uint>());
        _authorizer = new CapabilityAuthorizer("sandbox", _settings, verifier, authority, () => true, Time, _audit) { Enforced = ServiceConstraints.Sandbox };
        _server = new SocketServer(
            UnixListener.Bind(_settings.SocketOf("sandbox"), 0x180), new MethodTable("sandbox", Service.Methods), _authorizer, this, TimeProvider.System, new ServerOptions { Loops = 2 });
        _server.Start();
    }

    private async Task DisconnectAsync()
    {
        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }

        _clients.Clear();
        if (_server is not null)
        {
            await _server.DisposeAsync();
            await _audit.DisposeAsync();
            File.Delete(_settings.SocketOf("sandbox"));
            _server = null;
        }
    }
}
