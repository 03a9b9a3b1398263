namespace Strata.Ipc;

/// <summary>
/// A service by its socket: connects on first use, shares one connection, and connects anew when the last one was
/// closed. A request is never sent twice: whether a lost one was carried out is for the caller to find out.
/// </summary>
/// <param name="path">Path of the socket.</param>
/// <param name="time">The clock for deadlines.</param>
public sealed class RpcChannel(string path, TimeProvider? time = null) : IAsyncDisposable
{
    private readonly SemaphoreSlim _connecting = new(1);
    private RpcClient? _client;

    /// <summary>Path of the socket.</summary>
    public string Path => path;

    /// <summary>The open connection, made when there is none.</summary>
    /// <exception cref="RpcException">UNAVAILABLE: it cannot be made.</exception>
    public async ValueTask<RpcClient> ConnectAsync(CancellationToken cancellation = default)
    {
        if (Volatile.Read(ref _client) is { IsBroken: false } open)
        {
            return open;
        }

        await _connecting.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (_client is { IsBroken: false } made)
            {
                return made;
            }

            if (_client is not null)
            {
                await _client.DisposeAsync().ConfigureAwait(false);
                _client = null;
            }

            var client = await RpcClient.ConnectAsync(path, time, cancellation).ConfigureAwait(false);
            Volatile.Write(ref _client, client);
            return client;
        }
        finally
        {
            _connecting.Release();
        }
    }

    /// <summary>Sends a request over the shared connection; see <see cref="RpcClient.SendAsync"/>.</summary>
    public async Task<RpcResponse> SendAsync(RpcRequest request, CancellationToken cancellation = default)
    {
        var client = await ConnectAsync(cancellation).ConfigureAwait(false);
        return await client.SendAsync(request, cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
        {
            await _client.DisposeAsync().ConfigureAwait(false);
        }

        _connecting.Dispose();
    }
}
