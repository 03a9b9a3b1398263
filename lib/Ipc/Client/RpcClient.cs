using System.Globalization;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Threading.Channels;

namespace Strata.Ipc;

/// <summary>
/// One connection to a service, shared by any number of callers: requests are told apart by <c>req_id</c> and answered
/// in any order. All members are safe from any thread.
/// </summary>
public sealed class RpcClient : IAsyncDisposable
{
    /// <summary>Calls in progress at once; further callers wait. Below the server's own bound.</summary>
    public const int MaxInFlight = 60;

    /// <summary>Stream frames held for a consumer that lags; then the connection is not read.</summary>
    public const int MaxHeldItems = 64;

    // Real time on purpose: it bounds the transport, not a call.
    private static readonly TimeSpan LastWordsTimeout = TimeSpan.FromSeconds(1);

    private readonly Stream _stream;
    private readonly string _target;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _places = new(MaxInFlight);
    private readonly SemaphoreSlim _writing = new(1);
    private readonly Dictionary<string, Channel<RpcResponse>> _calls = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _reading;
    private RpcException? _broken;
    private long _lastId;

    /// <summary>Speaks over an open stream.</summary>
    /// <param name="stream">The transport; owned and disposed by the client.</param>
    /// <param name="target">What the other end is, for messages, e.g. the socket's path.</param>
    /// <param name="time">The clock for deadlines; the system's when null.</param>
    public RpcClient(Stream stream, string target, TimeProvider? time = null)
    {
        _stream = stream;
        _target = target;
        _time = time ?? TimeProvider.System;
        _reading = Task.Run(ReadAsync);
    }

    /// <summary>True once the connection is unusable; calls then fail at once.</summary>
    public bool IsBroken => Volatile.Read(ref _broken) is not null;

    /// <summary>Connects to a Unix socket.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="time">The clock for deadlines; the system's when null.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <exception cref="RpcException">UNAVAILABLE: nothing listens there, or it may not be reached; the message says which.</exception>
    public static async Task<RpcClient> ConnectAsync(string path, TimeProvider? time = null, CancellationToken cancellation = default)
    {
        Socket? socket = null;
        try
        {
            socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation).ConfigureAwait(false);
            return new RpcClient(new NetworkStream(socket, ownsSocket: true), path, time);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            socket?.Dispose();
            throw new RpcException(RpcError.Unavailable(ConnectFault(path, e), "cannot_connect"), e);
        }
        catch
        {
            socket?.Dispose();
            throw;
        }
    }

    /// <summary>Sends a request and awaits its answer; an error response is returned, not thrown.</summary>
    /// <exception cref="RpcException">The connection failed or the deadline passed.</exception>
    public async Task<RpcResponse> SendAsync(RpcRequest request, CancellationToken cancellation = default)
    {
        using var deadline = request.Deadline is { } limit ? new CancellationTokenSource(limit, _time) : null;
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellation, deadline?.Token ?? default);
        try
        {
            await _places.WaitAsync(linked.Token).ConfigureAwait(false);
            try
            {
                var (reqId, channel) = await BeginAsync(request, more: false, linked.Token).ConfigureAwait(false);
                try
                {
                    return await channel.Reader.ReadAsync(linked.Token).ConfigureAwait(false);
                }
                finally
                {
                    Forget(reqId);
                }
            }
            finally
            {
                _places.Release();
            }
        }
        catch (OperationCanceledException) when (deadline is { IsCancellationRequested: true } && !cancellation.IsCancellationRequested)
        {
            throw new RpcException(RpcError.Unavailable(
                $"{_target} did not answer {request.Method} within {request.Deadline!.Value.TotalMilliseconds:0} ms", "deadline_exceeded"));
        }
        catch (ChannelClosedException e) when (e.InnerException is RpcException broken)
        {
            throw new RpcException(broken.Error, e);
        }
    }

    /// <summary>Calls a method with records on both sides.</summary>
    /// <exception cref="RpcException">The call was answered with an error, or could not be answered.</exception>
    public async Task<TResult> CallAsync<TParams, TResult>(
        string method, TParams parameters, JsonTypeInfo<TParams> paramsType, JsonTypeInfo<TResult> resultType,
        string? token = null, TimeSpan? deadline = null, CancellationToken cancellation = default)
    {
        var request = RpcRequest.Of(method, parameters, paramsType, token) with { Deadline = deadline };
        var response = await SendAsync(request, cancellation).ConfigureAwait(false);
        return response.Get(resultType);
    }

    /// <summary>
    /// Sends a request that asks for a stream and yields every frame, the last one included. Leaving the loop early, or
    /// cancelling, ends the call at the service.
    /// </summary>
    /// <exception cref="RpcException">The connection failed.</exception>
    public async IAsyncEnumerable<RpcResponse> StreamAsync(RpcRequest request, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var (reqId, channel) = await BeginAsync(request, more: true, cancellation).ConfigureAwait(false);
        var finished = false;
        try
        {
            while (true)
            {
                RpcResponse response;
                try
                {
                    response = await channel.Reader.ReadAsync(cancellation).ConfigureAwait(false);
                }
                catch (ChannelClosedException e) when (e.InnerException is RpcException broken)
                {
                    finished = true;
                    throw new RpcException(broken.Error, e);
                }

                finished = !response.Continues;
                yield return response;
                if (finished)
                {
                    yield break;
                }
            }
        }
        finally
        {
            Forget(reqId);
            if (!finished)
            {
                await CancelAsync(reqId).ConfigureAwait(false);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Break(new RpcException(RpcError.Unavailable($"the connection to {_target} was closed by this side", "closed")));
        await _closing.CancelAsync().ConfigureAwait(false);
        await _stream.DisposeAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _closing.Dispose();
        _writing.Dispose();
        _places.Dispose();
    }

    private static string ConnectFault(string path, Exception e) => e switch
    {
        SocketException { SocketErrorCode: SocketError.AddressNotAvailable } or SocketException { NativeErrorCode: 2 } =>
            $"no socket at {path}: the service is not running, or STRATA_RUNTIME_DIR names another node",
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => $"nothing listens on {path}: the service is not running",
        SocketException { SocketErrorCode: SocketError.AccessDenied } => $"this user may not connect to {path}",
        _ => $"cannot connect to {path}: {e.Message}",
    };

    private async Task<(string ReqId, Channel<RpcResponse> Channel)> BeginAsync(RpcRequest request, bool more, CancellationToken cancellation)
    {
        var reqId = request.ReqId ?? Interlocked.Increment(ref _lastId).ToString(CultureInfo.InvariantCulture);
        var channel = Channel.CreateBounded<RpcResponse>(new BoundedChannelOptions(MaxHeldItems) { SingleReader = true, SingleWriter = true });
        lock (_calls)
        {
            if (_broken is not null)
            {
                throw new RpcException(_broken.Error, _broken);
            }

            if (!_calls.TryAdd(reqId, channel))
            {
                throw new ArgumentException($"a call with req_id \"{reqId}\" is in progress on this connection", nameof(request));
            }
        }

        var frame = request.ToFrame(reqId, more);
        if (frame.Length - OutputBuffer.HeaderBytes > IpcLimits.Default.MaxFrameBytes)
        {
            Forget(reqId);
            throw new RpcException(RpcError.InvalidArgument($"the request has {frame.Length - OutputBuffer.HeaderBytes} bytes; a frame carries at most {IpcLimits.Default.MaxFrameBytes}"));
        }

        await WriteAsync(frame, cancellation).ConfigureAwait(false);
        return (reqId, channel);
    }

    private async Task WriteAsync(byte[] frame, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            // A frame cut short by one caller's cancellation would garble every other caller's.
            await _stream.WriteAsync(frame, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The service may have said why it closes; what it sent is read to the end before the write's own fault counts.
            await _reading.WaitAsync(LastWordsTimeout, TimeProvider.System, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Break(Lost(e));
            throw new RpcException(_broken!.Error, e);
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task CancelAsync(string reqId)
    {
        try
        {
            var cancel = RpcRequest.Of("cancel", new CancelParams(reqId), IpcJson.Default.CancelParams);
            await WriteAsync(cancel.ToFrame($"cancel-{reqId}"), CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is RpcException or ObjectDisposedException)
        {
            // The connection is gone, and the call with it.
        }
    }

    private void Forget(string reqId)
    {
        lock (_calls)
        {
            _calls.Remove(reqId);
        }
    }

    private async Task ReadAsync()
    {
        var header = new byte[OutputBuffer.HeaderBytes];
        try
        {
            while (true)
            {
                await _stream.ReadExactlyAsync(header, _closing.Token).ConfigureAwait(false);
                var length = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(header);
                if (length == 0 || length > IpcLimits.Default.MaxFrameBytes)
                {
                    throw new IOException($"the service announced a frame of {length} bytes");
                }

                var payload = new byte[length];
                await _stream.ReadExactlyAsync(payload, _closing.Token).ConfigureAwait(false);
                await DeliverAsync(payload).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException or JsonException or InvalidOperationException)
        {
            Break(Lost(e));
        }
    }

    private async Task DeliverAsync(byte[] payload)
    {
        var (reqId, response) = RpcResponse.Parse(payload);
        Channel<RpcResponse>? channel;
        lock (_calls)
        {
            _calls.TryGetValue(reqId, out channel);
        }

        if (reqId.Length == 0 && response.Error is { } refusal)
        {
            // An error that answers no request is about the connection as a whole, such as too many of them.
            Break(new RpcException(refusal));
        }

        // An answer nobody waits for any more (cancelled, past its deadline) is dropped.
        if (channel is not null && !channel.Writer.TryWrite(response))
        {
            await channel.Writer.WriteAsync(response, _closing.Token).ConfigureAwait(false);
        }
    }

    private RpcException Lost(Exception cause) =>
        new(RpcError.Unavailable($"the connection to {_target} was lost: {(cause is EndOfStreamException ? "closed by the service" : cause.Message)}", "connection_lost"), cause);

    private void Break(RpcException why)
    {
        lock (_calls)
        {
            _broken ??= why;
            foreach (var channel in _calls.Values)
            {
                channel.Writer.TryComplete(_broken);
            }

            _calls.Clear();
        }
    }
}
