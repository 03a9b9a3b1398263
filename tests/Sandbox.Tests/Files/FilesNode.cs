using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging.Abstractions;
using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Sandbox.Tests;

/// <summary>The file methods on a real socket, with a plain directory as the root of the session <c>box</c>, worked in as another user where that is possible.</summary>
internal sealed class FilesNode : IAsyncDisposable, IServerEvents
{
    internal static readonly string[] AllRights = ["sandbox.read", "sandbox.write", "sandbox.workspace", "sandbox.snapshot"];

    /// <summary>A user of nobody.</summary>
    internal const uint User = 654_321;

    private static readonly IEd25519 Provider = Ed25519Provider.Create();
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("boxfiles");
    private readonly SigningKey _key = SigningKey.Generate(Provider, TokenVersion.V2);
    private readonly List<RpcClient> _clients = [];
    private readonly List<string> _faults = [];
    private readonly CancellationTokenSource _ended = new();
    private readonly AuditLog _audit;
    private readonly SocketServer _server;
    private readonly NodeSettings _settings;
    private bool _stopped;

    internal FilesNode(SandboxFileOptions? options = null)
    {
        // Whoever the sandbox's user is must get there.
        File.SetUnixFileMode(_home.FullName, (UnixFileMode)0x1ED);
        _settings = new NodeSettings { RuntimeDir = _home.FullName, StateDir = Path.Combine(_home.FullName, "state"), NodeId = "test-0" };
        Root = Directory.CreateDirectory(Path.Combine(_home.FullName, "root")).FullName;
        Workspace = Directory.CreateDirectory(Path.Combine(Root, "workspace")).FullName;
        Outside = Directory.CreateDirectory(Path.Combine(_home.FullName, "outside")).FullName;
        File.WriteAllText(Path.Combine(Outside, "secret"), "the host's own");
        if (IsRoot)
        {
            Native.ChangeOwner(Root, User);
            Native.ChangeOwner(Workspace, User);
        }

        _audit = new AuditLog(_settings, "sandbox", TimeProvider.System, NullLogger.Instance);
        Methods = new SandboxFileMethods(options ?? new SandboxFileOptions(), new FileSpaces((_, name) => Open(name), (_, _) => throw SandboxSession.NotFound()), new SandboxAudit(_audit), Time);
        var verifier = new TokenVerifier(Provider, KeySet.Of(_key.VerificationKey), new RevocationSet());
        var authorizer = new CapabilityAuthorizer("sandbox", _settings, verifier, new PeerAuthority(UserId.Effective, new HashSet<uint>()), () => true, TimeProvider.System, _audit) { Enforced = ServiceConstraints.None };
        _server = new SocketServer(UnixListener.Bind(_settings.SocketOf("sandbox"), 0x180), new MethodTable("sandbox", Methods.Methods), authorizer, this, TimeProvider.System, new ServerOptions { Loops = 2 });
        _server.Start();
    }

    internal static bool IsRoot => UserId.Effective == 0;

    internal ManualTime Time { get; } = new();

    internal SandboxFileMethods Methods { get; }

    /// <summary>The sandbox's root.</summary>
    internal string Root { get; }

    /// <summary>Its <c>/workspace</c>.</summary>
    internal string Workspace { get; }

    /// <summary>A directory of the host beside it.</summary>
    internal string Outside { get; }

    internal string this[string name] => Path.Combine(Workspace, name);

    /// <summary>The session ends.</summary>
    internal void EndSession() => _ended.Cancel();

    internal string Token(string subject = "agent", string[]? rights = null)
    {
        var claims = new CapabilityClaims
        {
            Issuer = _settings.Issuer, Audience = CapabilityNames.Audience, CapabilityId = Guid.NewGuid().ToString("n"), Subject = subject,
            IssuedAt = TimeProvider.System.GetUtcNow(), ExpiresAt = TimeProvider.System.GetUtcNow() + TimeSpan.FromHours(1), Service = "sandbox", Rights = NameList.Of(rights ?? AllRights),
        };
        return TokenIssuer.Issue(claims, _key);
    }

    internal async Task<FilesClient> ConnectAsync(string? token = null)
    {
        var rpc = await RpcClient.ConnectAsync(_settings.SocketOf("sandbox"));
        _clients.Add(rpc);
        return new FilesClient(rpc, token ?? Token());
    }

    /// <summary>Stops the node and reads its audit records.</summary>
    internal async Task<IReadOnlyList<JsonElement>> AuditAsync()
    {
        await StopAsync();
        return [.. File.ReadLines(Path.Combine(_settings.AuditDir, "sandbox.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)];
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _key.Dispose();
        _ended.Dispose();
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

    private FileSpace Open(string name) => name == "box" && !_ended.IsCancellationRequested
        ? new FileSpace(new FileDescriptor(BeneathRoot.Open(Root).Handle.Release()), IsRoot ? new ProcessUser(User, User) : null, name, SessionSpaces.Workspace)
        {
            Ended = _ended.Token, Reenter = () => _ended.IsCancellationRequested ? throw SandboxSession.NotFound() : new MemoryStream(),
        }
        : throw SandboxSession.NotFound();

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
        Methods.Dispose();
        await _audit.DisposeAsync();
    }

    /// <summary>A client with one capability.</summary>
    internal sealed class FilesClient(RpcClient rpc, string token)
    {
        internal Task<RpcResponse> CallAsync(string method, string json) =>
            rpc.SendAsync(new RpcRequest("sandbox." + method) { Params = Encoding.UTF8.GetBytes(json), Token = token }).WaitAsync(Patience);

        internal Task<RpcResponse> CallAsync<T>(string method, T wish, JsonTypeInfo<T> type) => rpc.SendAsync(RpcRequest.Of("sandbox." + method, wish, type, token)).WaitAsync(Patience);

        /// <summary>Calls a method and reads its result, which it must have.</summary>
        internal async Task<T> GetAsync<T>(string method, string json, JsonTypeInfo<T> type)
        {
            var response = await CallAsync(method, json);
            Assert.Null(response.Error);
            return response.Get(type);
        }

        /// <summary>Calls a method and tells the reason of the error, which it must have.</summary>
        internal async Task<string?> ReasonAsync(string method, string json)
        {
            var response = await CallAsync(method, json);
            Assert.NotNull(response.Error);
            return response.Error.Reason;
        }

        internal async Task WriteAsync(string path, string text) =>
            Assert.Null((await CallAsync("write", new SandboxWriteParams(path, "box", Data: text), ContractsJson.Default.SandboxWriteParams)).Error);

        internal async Task<string?> ReadAsync(string path) =>
            (await GetAsync("read", $$"""{"path":{{JsonSerializer.Serialize(path)}},"session":"box"}""", ContractsJson.Default.ReadResult)).Data;

        /// <summary>Calls a streaming method; an error is the last item.</summary>
        internal async IAsyncEnumerable<RpcResponse> StreamAsync(string method, string json)
        {
            await foreach (var item in rpc.StreamAsync(new RpcRequest("sandbox." + method) { Params = Encoding.UTF8.GetBytes(json), Token = token }))
            {
                if (item.Error is null && !item.Continues)
                {
                    yield break;
                }

                yield return item;
            }
        }

        /// <summary>Sends all of something, in pieces, and commits it.</summary>
        internal async Task<RpcResponse> SendAsync(string begin, string json, ReadOnlyMemory<byte> bytes, int pieceBytes = 300_000)
        {
            var handle = (await GetAsync(begin, json, ContractsJson.Default.SandboxUploadBegun)).Handle;
            for (var offset = 0; offset < bytes.Length; offset += pieceBytes)
            {
                var piece = new SandboxUploadWriteParams(handle, offset, bytes.Slice(offset, Math.Min(pieceBytes, bytes.Length - offset)));
                var written = await CallAsync("upload_write", piece, ContractsJson.Default.SandboxUploadWriteParams);
                if (written.Error is not null)
                {
                    return written;
                }
            }

            return await CallAsync("upload_commit", new SandboxUploadCommitParams(handle, bytes.Length), ContractsJson.Default.SandboxUploadCommitParams);
        }
    }
}
