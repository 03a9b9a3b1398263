using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.StrataCtl.Connection;

/// <summary>A node as commands see it: calls by method name; sockets, connections, token and time limit are its business.</summary>
/// <param name="sockets">Finds the sockets.</param>
/// <param name="limit">How long a call may take, connecting included.</param>
/// <param name="token">Gives the token for a call, or null; asked only for calls that need one.</param>
/// <param name="signer">Gives what signs the calls that a token goes with, or null.</param>
/// <param name="time">The clock.</param>
internal sealed class Node(SocketResolver sockets, TimeSpan limit, Func<Call, string?> token, Func<string, RequestSigner?> signer, TimeProvider time) : IAsyncDisposable
{
    private readonly Dictionary<string, RpcChannel> _channels = new(StringComparer.Ordinal);

    public SocketResolver Sockets => sockets;

    /// <summary>Tells whether a unit is installed that runs this node; asked when a call has failed. Default: none is.</summary>
    public Func<bool> HasUnit { get; init; } = () => false;

    public TimeSpan Limit => limit;

    /// <summary>Calls a method and reads its result.</summary>
    /// <exception cref="CallFailedException">There is none.</exception>
    /// <exception cref="System.Text.Json.JsonException">It has another shape than expected.</exception>
    public async Task<TResult> CallAsync<TResult>(Call call, JsonTypeInfo<TResult> type, CancellationToken cancellation)
    {
        var response = await SendAsync(call, cancellation).ConfigureAwait(false);
        return response.Get(type);
    }

    /// <summary>Calls a method; the response is a success.</summary>
    /// <exception cref="CallFailedException">It is not.</exception>
    public async Task<RpcResponse> SendAsync(Call call, CancellationToken cancellation)
    {
        var allowed = limit + call.ExtraTime;
        var (request, channel) = await PrepareAsync(call, cancellation).ConfigureAwait(false);
        using var within = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        within.CancelAfter(allowed);
        try
        {
            var response = await channel.SendAsync(request with { Deadline = allowed }, within.Token).ConfigureAwait(false);
            return response.Error is null ? response : throw Failed(call, channel, response.Error, answered: true);
        }
        catch (RpcException e)
        {
            throw Failed(call, channel, e.Error, answered: false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw Failed(call, channel, TimedOut(channel, allowed), answered: false);
        }
    }

    /// <summary>Calls a method whose answer comes with an open descriptor, over a connection of its own.</summary>
    /// <returns>The descriptor; null when there came none.</returns>
    /// <exception cref="CallFailedException">It failed.</exception>
    public async Task<FileDescriptor?> TakeDescriptorAsync(Call call, CancellationToken cancellation)
    {
        var (request, channel) = await PrepareAsync(call, cancellation).ConfigureAwait(false);
        using var within = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        within.CancelAfter(limit);
        try
        {
            var stream = await DescriptorTakingStream.ConnectAsync(channel.Path, within.Token).ConfigureAwait(false);
            await using var client = new RpcClient(stream, channel.Path, time);
            var response = await client.SendAsync(request with { Deadline = limit }, within.Token).ConfigureAwait(false);
            return response.Error is null ? stream.Take() : throw Failed(call, channel, response.Error, answered: true);
        }
        catch (SocketException e)
        {
            throw Failed(call, channel, RpcError.Unavailable($"{channel.Path}: {e.Message}", "not_listening"), answered: false);
        }
        catch (RpcException e)
        {
            throw Failed(call, channel, e.Error, answered: false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw Failed(call, channel, TimedOut(channel, limit), answered: false);
        }
    }

    /// <summary>Calls a streaming method and gives its items.</summary>
    /// <exception cref="CallFailedException">The stream ended with an error.</exception>
    public async IAsyncEnumerable<RpcResponse> StreamAsync(Call call, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var (request, channel) = await PrepareAsync(call, cancellation).ConfigureAwait(false);
        var client = await ConnectAsync(call, channel, cancellation).ConfigureAwait(false);
        var items = client.StreamAsync(request, cancellation).GetAsyncEnumerator(cancellation);
        await using (items.ConfigureAwait(false))
        {
            while (await MoveAsync(call, channel, items).ConfigureAwait(false))
            {
                if (items.Current.Error is { } error)
                {
                    throw Failed(call, channel, error, answered: true);
                }

                yield return items.Current;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var channel in _channels.Values)
        {
            await channel.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task<(RpcRequest Request, RpcChannel Channel)> PrepareAsync(Call call, CancellationToken cancellation)
    {
        if (!_channels.TryGetValue(call.Service, out var channel))
        {
            var socket = await Task.Run(() => sockets.Resolve(call.Service), cancellation).WaitAsync(cancellation).ConfigureAwait(false);
            _channels[call.Service] = channel = new RpcChannel(socket, time);
        }

        var sent = call.OwnToken ?? (call.WithToken ? token(call) : null);
        return (new RpcRequest(call.Method) { Params = call.Params, Token = sent, Signer = sent is null ? null : signer(sent) }, channel);
    }

    private async Task<RpcClient> ConnectAsync(Call call, RpcChannel channel, CancellationToken cancellation)
    {
        using var within = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        within.CancelAfter(limit);
        try
        {
            return await channel.ConnectAsync(within.Token).ConfigureAwait(false);
        }
        catch (RpcException e)
        {
            throw Failed(call, channel, e.Error, answered: false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw Failed(call, channel, TimedOut(channel, limit), answered: false);
        }
    }

    private async Task<bool> MoveAsync(Call call, RpcChannel channel, IAsyncEnumerator<RpcResponse> items)
    {
        try
        {
            return await items.MoveNextAsync().ConfigureAwait(false);
        }
        catch (RpcException e)
        {
            throw Failed(call, channel, e.Error, answered: false);
        }
    }

    private static RpcError TimedOut(RpcChannel channel, TimeSpan allowed) =>
        RpcError.Unavailable($"{channel.Path} did not answer within {Output.Durations.Show(allowed)}", "deadline_exceeded");

    private CallFailedException Failed(Call call, RpcChannel channel, RpcError error, bool answered) =>
        new(new CallFailure(call.Method, channel.Path, error, answered)
        {
            HadToken = call.OwnToken is not null || (call.WithToken && token(call) is not null),
            Service = call.Service,
            Resource = call.Resource,
            HasUnit = !answered && HasUnit(),
        });
}
