using System.Text.Json.Serialization.Metadata;
using Strata.Ipc;

namespace Strata.Hosting;

/// <summary>Calls one service with the capability that this one holds for it. All members are safe from any thread.</summary>
public sealed class CapableClient
{
    private readonly HeldCapabilities _held;
    private readonly RpcChannel _channel;
    private readonly string? _steady;

    internal CapableClient(string service, string socket, HeldCapabilities held, TimeProvider time)
        : this(service, held, new RpcChannel(socket, time), null)
    {
    }

    private CapableClient(string service, HeldCapabilities held, RpcChannel channel, string? steady) =>
        (Service, _held, _channel, _steady) = (service, held, channel, steady);

    /// <summary>The service called.</summary>
    public string Service { get; }

    /// <summary>
    /// The same client, staying with the present capability: for calls that belong together, such as opening a file and
    /// reading it, since a handle serves the capability that opened it. Good for at least half of a capability's lifetime.
    /// </summary>
    /// <exception cref="RpcException">There is no capability for the service.</exception>
    public CapableClient Steady() => new(Service, _held, _channel, _held.TokenFor(Service));

    /// <summary>Calls a method with records on both sides.</summary>
    /// <exception cref="RpcException">The call was answered with an error, or could not be answered.</exception>
    public async Task<TResult> CallAsync<TParams, TResult>(
        string method, TParams parameters, JsonTypeInfo<TParams> paramsType, JsonTypeInfo<TResult> resultType, TimeSpan? deadline = null, CancellationToken cancellation = default)
    {
        var response = await SendAsync(RpcRequest.Of(method, parameters, paramsType) with { Deadline = deadline }, cancellation).ConfigureAwait(false);
        return response.Get(resultType);
    }

    /// <summary>Sends a request; an error response is returned, not thrown.</summary>
    /// <exception cref="RpcException">The connection failed or the deadline passed.</exception>
    public async Task<RpcResponse> SendAsync(RpcRequest request, CancellationToken cancellation = default)
    {
        var token = _steady ?? _held.TokenFor(Service);
        var response = await _channel.SendAsync(request with { Token = token }, cancellation).ConfigureAwait(false);
        // Refused before anything was done, and perhaps only because the file was replaced while the call was on its way.
        return response.Error is { Reason: "expired" or "revoked" } && _steady is null && _held.TokenFor(Service) is var next && next != token
            ? await _channel.SendAsync(request with { Token = next }, cancellation).ConfigureAwait(false)
            : response;
    }
}
