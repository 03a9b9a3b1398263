using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Fs.Tests;

/// <summary>A client with one capability. Keeps every error frame, in which no path of the host may stand.</summary>
internal sealed partial class FsClient(RpcClient rpc, string token, FsNode node) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ConcurrentQueue<string> _errors = new();
    private bool _disposed;

    internal async Task<RpcResponse> SendAsync<T>(string method, T parameters, JsonTypeInfo<T> type, string? reqId = null)
    {
        var request = RpcRequest.Of(method, parameters, type, token) with { ReqId = reqId };
        var response = await rpc.SendAsync(request).WaitAsync(Patience);
        if (response.Error is not null)
        {
            _errors.Enqueue(Encoding.UTF8.GetString(response.Payload.Span));
        }

        return response;
    }

    /// <summary>Calls a method with params as they stand on the wire.</summary>
    internal async Task<RpcResponse> CallAsync(string method, string json)
    {
        var response = await rpc.SendAsync(new RpcRequest(method) { Params = Encoding.UTF8.GetBytes(json), Token = token }).WaitAsync(Patience);
        if (response.Error is not null)
        {
            _errors.Enqueue(Encoding.UTF8.GetString(response.Payload.Span));
        }

        return response;
    }

    /// <summary>Calls a streaming method; an error is the last item.</summary>
    internal async IAsyncEnumerable<RpcResponse> StreamAsync(string method, string json, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var item in rpc.StreamAsync(new RpcRequest(method) { Params = Encoding.UTF8.GetBytes(json), Token = token }, cancellation))
        {
            if (item.Error is not null)
            {
                _errors.Enqueue(Encoding.UTF8.GetString(item.Payload.Span));
            }
            else if (!item.Continues)
            {
                yield break;
            }

            yield return item;
        }
    }

    /// <summary>Calls a method and reads its result, which it must have.</summary>
    internal async Task<T> GetAsync<T>(string method, string json, JsonTypeInfo<T> type)
    {
        var response = await CallAsync(method, json);
        Assert.Null(response.Error);
        return response.Get(type);
    }

    /// <summary>The status that a call must answer.</summary>
    internal async Task<string> StatusAsync(string method, string json)
    {
        var response = await CallAsync(method, json);
        Assert.Null(response.Error);
        return response.Get(ContractsJson.Default.StatusResult).Status;
    }

    internal async Task<string> OpenToWriteAsync(string path, string further = "")
    {
        var response = await CallAsync("fs.open", $$"""{"path":{{JsonSerializer.Serialize(path)}},"mode":"rw","create":true{{further}}}""");
        Assert.Null(response.Error);
        return response.Get(ContractsJson.Default.OpenResult).Handle;
    }

    internal Task<RpcResponse> TryWriteAsync(string handle, ReadOnlyMemory<byte> bytes, long offset = 0) =>
        SendAsync("fs.write", new WriteParams(handle, offset, bytes), ContractsJson.Default.WriteParams);

    internal Task<RpcResponse> TryOpenAsync(string path) => SendAsync("fs.open", new OpenParams(path), ContractsJson.Default.OpenParams);

    internal Task<RpcResponse> TryReadAsync(string handle, long offset = 0, int size = 4096, string? reqId = null) =>
        SendAsync("fs.read", new ReadParams(handle, offset, size), ContractsJson.Default.ReadParams, reqId);

    internal Task<RpcResponse> TryCloseAsync(string handle) => SendAsync("fs.close", new CloseParams(handle), ContractsJson.Default.CloseParams);

    internal Task<RpcResponse> TryStatAsync(string path) => SendAsync("fs.stat", new StatParams(path), ContractsJson.Default.StatParams);

    internal Task<RpcResponse> TryListAsync(string path = ".", string? cursor = null, int limit = 1000) =>
        SendAsync("fs.list", new ListParams(path, cursor, limit), ContractsJson.Default.ListParams);

    internal async Task<string> OpenAsync(string path) => (await TryOpenAsync(path)).Get(ContractsJson.Default.OpenResult).Handle;

    internal async Task<ReadResult> ReadAsync(string handle, long offset = 0, int size = 4096) =>
        (await TryReadAsync(handle, offset, size)).Get(ContractsJson.Default.ReadResult);

    internal async Task<ListResult> ListAsync(string path = ".", string? cursor = null, int limit = 1000) =>
        (await TryListAsync(path, cursor, limit)).Get(ContractsJson.Default.ListResult);

    internal async Task<StatResult> StatAsync(string path) => (await TryStatAsync(path)).Get(ContractsJson.Default.StatResult);

    /// <summary>Reads a file to its end.</summary>
    internal async Task<byte[]> ReadAllAsync(string handle, int size)
    {
        var content = new MemoryStream();
        ReadResult part;
        do
        {
            part = await ReadAsync(handle, content.Length, size);
            Assert.Equal(part.BytesRead, part.DataB64.Length);
            content.Write(part.DataB64.Span);
        }
        while (!part.Eof);
        return content.ToArray();
    }

    internal void AssertNoHostPath()
    {
        foreach (var error in _errors)
        {
            Assert.DoesNotContain(node.Root, error, StringComparison.Ordinal);
            Assert.DoesNotMatch(HostPath(), error);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_disposed)
        {
            _disposed = true;
            await rpc.DisposeAsync();
        }
    }

    [GeneratedRegex("/(tmp|proc|etc|root|home|var|run|dev|usr|outside|prefix)\\b")]
    private static partial Regex HostPath();
}
