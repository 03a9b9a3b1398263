using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Fs.Tests;

/// <summary>The file service on a real socket in a directory of its own, with tokens signed by a key of the test.</summary>
internal sealed class FsNode : IAsyncDisposable, IServerEvents
{
    internal static readonly string[] AllRights =
    [
        "fs.open", "fs.read", "fs.list", "fs.stat", "fs.write", "fs.truncate", "fs.sync", "fs.mkdir", "fs.rename", "fs.remove", "fs.remove_tree", "fs.chmod",
        "fs.copy", "fs.link", "fs.write_atomic", "fs.hash", "fs.download", "fs.upload", "fs.find", "fs.watch", "fs.open_fd",
    ];

    private static readonly IEd25519 Provider = Ed25519Provider.Create();

    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("fsnode");
    private readonly SigningKey _key = SigningKey.Generate(Provider, TokenVersion.V2);
    private readonly List<FsClient> _clients = [];
    private readonly NodeSettings _settings;
    private readonly AuditLog _audit;
    private readonly SocketServer _server;
    private readonly CapabilityAuthorizer _authorizer;
    private readonly List<string> _faults = [];
    private int _lastCapability;
    private bool _stopped;

    /// <param name="options">The bounds; the defaults when null.</param>
    /// <param name="writable">Whether the root is served as <c>home</c>, to be written; false leaves the node as it is by default.</param>
    /// <param name="roots">Further roots, as <c>STRATA_FS_ROOTS</c> says them, with <c>$home</c> for the node's own directory.</param>
    /// <param name="keptOut">A directory of the root that is kept out, as the node's own state is.</param>
    internal FsNode(FsOptions? options = null, bool writable = false, string? roots = null, string? keptOut = null)
    {
        _settings = new NodeSettings { RuntimeDir = _home.FullName, StateDir = Path.Combine(_home.FullName, "state"), NodeId = "test-0" };
        Root = Directory.CreateDirectory(Path.Combine(_home.FullName, "prefix")).FullName;
        Outside = Directory.CreateDirectory(Path.Combine(_home.FullName, "outside")).FullName;
        _audit = new AuditLog(_settings, "fs", TimeProvider.System, NullLogger.Instance);
        Service = new FsService((options ?? new FsOptions()) with
        {
            QuotaDirectory = Path.Combine(_settings.StateDir, "fs"),
            Roots = RootsOf(writable, roots), KeptOut = keptOut is null ? KeptOut.Nothing : new KeptOut([Path.Combine(Root, keptOut)]),
        }, _audit, Revocations, Time);
        var verifier = new TokenVerifier(Provider, KeySet.Of(_key.VerificationKey), Revocations);
        var authority = new PeerAuthority(UserId.Effective, new HashSet<uint>());
        _authorizer = new CapabilityAuthorizer("fs", _settings, verifier, authority, () => true, Time, _audit) { Enforced = ServiceConstraints.Files };
        var listener = UnixListener.Bind(_settings.SocketOf("fs"), 0x180);
        _server = new SocketServer(listener, new MethodTable("fs", Service.Methods), _authorizer, this, TimeProvider.System, new ServerOptions { Loops = 2 });
        _server.Start();
    }

    internal ShiftedTime Time { get; } = new();

    internal RevocationSet Revocations { get; } = new();

    internal FsService Service { get; }

    /// <summary>What capabilities open by default.</summary>
    internal string Root { get; }

    /// <summary>A directory beside it that nobody may reach.</summary>
    internal string Outside { get; }

    internal string this[string name] => Path.Combine(Root, name);

    internal string Write(string name, ReadOnlySpan<byte> content)
    {
        File.WriteAllBytes(this[name], content);
        return name;
    }

    /// <summary>A token, with all rights of the service and on all of the root unless said otherwise.</summary>
    internal Capability Grant(string? prefix = null, string[]? rights = null, string? id = null, string subject = "capability", TimeSpan? ttl = null,
        CapabilityConstraints? constraints = null)
    {
        Assert.True(PathPrefix.TryParse(prefix ?? Root, out var parsed, out _));
        var claims = new CapabilityClaims
        {
            Issuer = _settings.Issuer,
            Audience = CapabilityNames.Audience,
            CapabilityId = id ?? $"{Interlocked.Increment(ref _lastCapability):x32}",
            Subject = subject,
            IssuedAt = Time.GetUtcNow(),
            ExpiresAt = Time.GetUtcNow() + (ttl ?? TimeSpan.FromHours(1)),
            Service = "fs",
            Rights = NameList.Of(rights ?? AllRights),
            Constraints = (constraints ?? CapabilityConstraints.None) with { PathPrefix = parsed },
        };
        return new Capability(claims, TokenIssuer.Issue(claims, _key));
    }

    internal async Task<FsClient> ConnectAsync(Capability? capability = null)
    {
        var client = new FsClient(await RpcClient.ConnectAsync(_settings.SocketOf("fs")), (capability ?? Grant()).Token, this);
        _clients.Add(client);
        return client;
    }

    /// <summary>A client that receives descriptors.</summary>
    internal RawClient ConnectRaw() => new(_settings.SocketOf("fs"));

    /// <summary>Revokes as the identity feed does: in force first, then told.</summary>
    internal void Revoke(Capability capability)
    {
        Revocations.Add(new RevokedCapability(capability.Claims.CapabilityId, capability.Claims.ExpiresAt));
        Service.Handles.CloseRevoked();
        _authorizer.EndRevokedCalls();
    }

    /// <summary>Stops the node and reads its audit records.</summary>
    internal async Task<IReadOnlyList<JsonElement>> AuditAsync()
    {
        await StopAsync();
        return [.. File.ReadLines(Path.Combine(_settings.AuditDir, "fs.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)];
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _key.Dispose();
        // The runtime cannot delete what has no name in UTF-16.
        using var remove = Process.Start("rm", ["-rf", "--", _home.FullName]);
        await remove.WaitForExitAsync();
        Assert.Empty(_faults);
    }

    public void HandlerFaulted(CallContext call, Exception exception) => _faults.Add(exception.ToString());

    public void ConnectionDropped(Peer peer, string reason) => _faults.Add(reason);

    public void DescriptorsExhausted() => _faults.Add("descriptors exhausted");

    public void Heartbeat()
    {
    }

    private NamedRoots RootsOf(bool writable, string? further)
    {
        string?[] roots = [writable ? $"home:{Root}:rw" : null, further?.Replace("$home", _home.FullName, StringComparison.Ordinal)];
        Assert.True(NamedRoots.TryParse(string.Join(',', roots.OfType<string>()), out var parsed, out var fault), fault);
        return parsed;
    }

    private async Task StopAsync()
    {
        if (_stopped)
        {
            return;
        }

        _stopped = true;
        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }

        await _server.DisposeAsync();
        Service.Dispose();
        await _audit.DisposeAsync();
        foreach (var client in _clients)
        {
            client.AssertNoHostPath();
        }
    }
}
