using System.Collections.Concurrent;
using System.Text.Json;
using Strata.Contracts;

namespace Strata.StrataCtl.Tests.Fakes;

/// <summary>A node that keeps enough of its promises to be walked through: real files, tokens, revocation, stop and start.</summary>
internal sealed class FakeFileNode : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, string> _prefixes = new();
    private readonly ConcurrentDictionary<string, string> _handles = new();
    private volatile bool _fsRuns = true;

    public FakeFileNode()
    {
        Node.On("supervisor.status", """{"node_id":"n","uptime_sec":1}""");
        Node.On("supervisor.svc.list", _ => FakeAnswer.Result(
            $$"""{"services":[{"name":"registry","state":"Healthy","pid":1},{"name":"identity","state":"Healthy","pid":2},{"name":"fs","state":"{{(_fsRuns ? "Healthy" : "Stopped")}}","pid":3}]}"""));
        Node.On("supervisor.svc.stop", _ => Set(false, "stopped")).On("supervisor.svc.start", _ => Set(true, "started"));
        Node.On("identity.issue", Issue).On("identity.revoke", Revoke);
        Node.On("fs.list", r => Checked(r, ".", List)).On("fs.open", r => Checked(r, r.Text("path"), Open));
        Node.On("fs.read", Read).On("fs.close", """{"status":"closed"}""");
    }

    public FakeNode Node { get; } = new("supervisor", "registry", "identity", "fs");

    /// <summary>True makes revocation do nothing, so that a walk-through has something to find.</summary>
    public bool ForgetsRevocations { get; init; }

    public ValueTask DisposeAsync() => Node.DisposeAsync();

    private FakeAnswer Set(bool runs, string status)
    {
        _fsRuns = runs;
        return FakeAnswer.Result($$"""{"status":"{{status}}"}""");
    }

    private FakeAnswer Issue(FakeRequest request)
    {
        var id = Guid.NewGuid().ToString("n");
        var token = FakeToken.Of($$"""{"jti":"{{id}}"}""");
        _prefixes[token] = request.Text("path_prefix");
        return FakeAnswer.Result($$"""{"token":"{{token}}","cap_id":"{{id}}","expires":4102444800}""");
    }

    private FakeAnswer Revoke(FakeRequest request)
    {
        var revoked = _prefixes.Keys.FirstOrDefault(t => Strata.StrataCtl.Connection.TokenClaims.CapabilityOf(t) == request.Text("cap_id"));
        if (revoked is not null && !ForgetsRevocations)
        {
            _prefixes.TryRemove(revoked, out _);
        }

        return FakeAnswer.Result("""{"status":"revoked"}""");
    }

    private FakeAnswer Checked(FakeRequest request, string path, Func<string, FakeAnswer> then)
    {
        if (request.Token is null || !_prefixes.TryGetValue(request.Token, out var prefix))
        {
            return FakeAnswer.Error(2, "UNAUTHENTICATED", "no", "revoked");
        }

        var full = Path.GetFullPath(Path.Combine(prefix, path));
        return full == prefix || full.StartsWith(prefix + "/", StringComparison.Ordinal) ? then(full) : FakeAnswer.Error(3, "PERMISSION_DENIED", "no", "path_outside_prefix");
    }

    private static FakeAnswer List(string directory) => FakeAnswer.Result(JsonSerializer.Serialize(
        new ListResult([.. new DirectoryInfo(directory).GetFiles().Select(f => new DirectoryEntry(f.Name, false, f.Length, "file"))]), ContractsJson.Default.ListResult));

    private FakeAnswer Open(string file)
    {
        var handle = Guid.NewGuid().ToString("n");
        _handles[handle] = file;
        return FakeAnswer.Result($$"""{"handle":"{{handle}}"}""");
    }

    private FakeAnswer Read(FakeRequest request)
    {
        var read = request.Params.Deserialize(ContractsJson.Default.ReadParams)!;
        var bytes = File.ReadAllBytes(_handles[read.Handle]).AsMemory();
        var chunk = bytes.Slice((int)read.Offset, Math.Min(read.Size, bytes.Length - (int)read.Offset));
        return FakeAnswer.Result(JsonSerializer.Serialize(
            new ReadResult(chunk, chunk.Length, read.Offset + chunk.Length == bytes.Length), ContractsJson.Default.ReadResult));
    }
}
