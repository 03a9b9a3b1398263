using System.Globalization;

namespace Strata.Ipc;

/// <summary>
/// A service by its socket: connects on first use, shares one connection, and connects anew when the last one was
/// closed. A request that could not be written as a whole, which no service has carried out, is sent on a new connection;
/// one that was written is never sent twice: whether a lost one was carried out is for the caller to find out.
/// </summary>
/// <param name="path">Path of the socket.</param>
/// <param name="time">The clock for deadlines.</param>
/// <param name="trusts">Whether to speak to what a user id listens with; null trusts whatever the path leads to.</param>
public sealed class RpcChannel(string path, TimeProvider? time = null, Func<uint, bool>? trusts = null) : IAsyncDisposable
{
    /// <summary>Connections that one request is offered to.</summary>
    public const int MaxAttempts = 8;

    /// <summary>Closed connections kept for the answers still to come on them; the oldest is given up for one more.</summary>
    public const int MaxRetired = 8;

    /// <summary>Longest wait, in milliseconds, before a signed request is signed anew.</summary>
    public const int MaxWaitMs = 5000;

    private readonly SemaphoreSlim _connecting = new(1);
    private readonly List<RpcClient> _retired = [];
    private readonly TimeProvider _time = time ?? TimeProvider.System;
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
                await RetireAsync(_client).ConfigureAwait(false);
                _client = null;
            }

            var client = await RpcClient.ConnectAsync(path, _time, trusts, cancellation).ConfigureAwait(false);
            Volatile.Write(ref _client, client);
            return client;
        }
        finally
        {
            _connecting.Release();
        }
    }

    /// <summary>
    /// Sends a request over the shared connection; see <see cref="RpcClient.SendAsync"/>. Its deadline covers all attempts. A signed request
    /// that came too late, because it waited for a service that was yet to start, is signed anew and sent once more: nothing was done for it.
    /// </summary>
    public async Task<RpcResponse> SendAsync(RpcRequest request, CancellationToken cancellation = default)
    {
        var began = _time.GetTimestamp();
        var response = await OfferAsync(request, began, cancellation).ConfigureAwait(false);
        if (request.Signer is null || request.ReqId is not null || response.Error is not { Reason: "proof_replayed" } refusal)
        {
            return response;
        }

        await Task.Delay(WaitOf(refusal), _time, cancellation).ConfigureAwait(false);
        return await OfferAsync(request with { Deadline = Left(request.Deadline, began) }, began, cancellation).ConfigureAwait(false);
    }

    private async Task<RpcResponse> OfferAsync(RpcRequest request, long began, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            var client = await ConnectAsync(cancellation).ConfigureAwait(false);
            try
            {
                var offered = attempt == 1 ? request : request with { Deadline = Left(request.Deadline, began) };
                return await client.SendAsync(offered, cancellation).ConfigureAwait(false);
            }
            catch (RpcException e) when (e is { WasNotSent: true, Error.Reason: "connection_lost" } && attempt < MaxAttempts)
            {
                // The service closed in good order, or died, before it had the request.
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var client in _retired.Append(_client).OfType<RpcClient>().ToArray())
        {
            await client.DisposeAsync().ConfigureAwait(false);
        }

        _connecting.Dispose();
    }

    private static TimeSpan WaitOf(RpcError refusal) =>
        int.TryParse(refusal.Details.FirstOrDefault(d => d.Key == "retry_after_ms").Value, NumberStyles.None, CultureInfo.InvariantCulture, out var ms)
            ? TimeSpan.FromMilliseconds(Math.Min(ms, MaxWaitMs))
            : TimeSpan.Zero;

    // Other callers may still wait on it for answers that a stopping service owes them.
    private async ValueTask RetireAsync(RpcClient closed)
    {
        _retired.Add(closed);
        foreach (var done in _retired.Where(client => client.Ended.IsCompleted).Concat(_retired.Take(Math.Max(0, _retired.Count - MaxRetired))).Distinct().ToArray())
        {
            _retired.Remove(done);
            await done.DisposeAsync().ConfigureAwait(false);
        }
    }

    private TimeSpan? Left(TimeSpan? deadline, long began) => deadline is not { } limit ? null
        : TimeSpan.FromMilliseconds(Math.Max(1, (limit - _time.GetElapsedTime(began)).TotalMilliseconds));
}
