using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Serialization.Metadata;
using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Sandbox.Tests;

/// <summary>A client with one capability.</summary>
internal sealed class SandboxClient(RpcClient rpc, string token) : IAsyncDisposable
{
    private bool _disposed;

    /// <summary>Calls a method with params as they stand on the wire.</summary>
    internal Task<RpcResponse> CallAsync(string method, string json = "{}") =>
        rpc.SendAsync(new RpcRequest("sandbox." + method) { Params = Encoding.UTF8.GetBytes(json), Token = token }).Soon();

    /// <summary>Calls a method and reads its result, which it must have.</summary>
    internal async Task<T> GetAsync<T>(string method, string json, JsonTypeInfo<T> type)
    {
        var response = await CallAsync(method, json);
        Assert.Null(response.Error);
        return response.Get(type);
    }

    /// <summary>Calls a method that must answer an error.</summary>
    internal async Task<RpcError> ErrorAsync(string method, string json, ErrorCode code, string? reason)
    {
        var response = await CallAsync(method, json);
        Assert.NotNull(response.Error);
        Assert.Equal((code, reason), (response.Error.Code, response.Error.Reason));
        return response.Error;
    }

    internal Task<SandboxCreateResult> CreateAsync(string json = "{}") => GetAsync("create", json, ContractsJson.Default.SandboxCreateResult);

    internal Task<SandboxInfo> InfoAsync(string session) => GetAsync("get", $$"""{"session":"{{session}}"}""", ContractsJson.Default.SandboxInfo);

    internal async Task<string> StatusAsync(string method, string session) =>
        (await GetAsync(method, $$"""{"session":"{{session}}"}""", ContractsJson.Default.StatusResult)).Status;

    internal async IAsyncEnumerable<RpcResponse> StreamAsync(string method, string json, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var item in rpc.StreamAsync(new RpcRequest("sandbox." + method) { Params = Encoding.UTF8.GetBytes(json), Token = token }, cancellation))
        {
            yield return item;
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
}
