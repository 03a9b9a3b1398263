using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;

namespace Strata.Ipc;

/// <summary>
/// One connection to a service, shared by any number of callers: requests are told apart by <c>req_id</c> and answered
/// in any order. All members are safe from any thread.
/// </summary>
public sealed class RpcClient : IAsyncDisposable
{
    /// <summary>Calls in progress at once; further callers wait. Below the server's own bound.</summary>
    public const int MaxInFlight = 60;

    /// <summary>
    /// Frames of one stream held for a consumer that lags. Then the connection is not read, unless somebody waits for an
    /// answer on it: see <see cref="MaxHeldItemsWhileCalling"/>.
    /// </summary>
    public const int MaxHeldItems = 64;

    /// <summary>
    /// Frames of one stream held while other calls await their answers on the connection; one more ends the stream with
    /// RESOURCE_EXHAUSTED.
    /// </summary>
    public const int MaxHeldItemsWhileCalling = 4096;

    private const int ReadBytes = 64 * 1024;

    // Real time on purpose: it bounds the transport, not a call.
    private static readonly TimeSpan LastWordsTimeout = TimeSpan.FromSeconds(1);

    private readonly Stream _stream;
    private readonly string _target;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _places = new(MaxInFlight);
    private readonly SemaphoreSlim _writing = new(1);
    private readonly ClientCalls _calls = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _reading;
    private int _disposed;

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

    /// <summary>True once the connection takes no further call; calls then fail at once. Those in progress may still be answered.</summary>
    public bool IsBroken => _calls.Closed is not null;

    /// <summary>Completes when the service has closed its side, after everything it sent was taken.</summary>
    internal Task Ended => _reading;

    /// <summary>Connects to a Unix socket.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="time">The clock for deadlines; the system's when null.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <exception cref="RpcException">UNAVAILABLE: nothing listens there, or it may not be reached; the message says which.</exception>
    public static Task<RpcClient> ConnectAsync(string path, TimeProvider? time = null, CancellationToken cancellation = default) =>
        ConnectAsync(path, time, trusts: null, cancellation);

    /// <summary>Connects to a Unix socket if a trusted user listens there.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="time">The clock for deadlines; the system's when null.</param>
    /// <param name="trusts">Whether to speak to what this user id listens with; null trusts whatever the path leads to.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <exception cref="RpcException">UNAVAILABLE: nothing listens there, or it may not be reached or trusted; the message says which.</exception>
    public static async Task<RpcClient> ConnectAsync(
        string path, TimeProvider? time, Func<uint, bool>? trusts, CancellationToken cancellation = default)
    {
        Socket? socket = null;
        try
        {
            socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixEndPoint(path), cancellation).ConfigureAwait(false);
            if (trusts is not null && SocketOwner.Of(socket) is var owner && !trusts(owner))
            {
                throw new RpcException(RpcError.Unavailable($"{path} is served by uid {owner}, whom this program has no reason to trust; find out who put it there", "untrusted_server"));
            }

            return new RpcClient(new NetworkStream(socket, ownsSocket: true), path, time);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            socket?.Dispose();
            throw new RpcException(ConnectFault(path, e), e);
        }
        catch
        {
            socket?.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Sends a request and awaits its answer; an error response is returned, not thrown. A call given up is cancelled at
    /// the service as well.
    /// </summary>
    /// <exception cref="RpcException">The connection failed or the deadline passed.</exception>
    public async Task<RpcResponse> SendAsync(RpcRequest request, CancellationToken cancellation = default)
    {
        using var deadline = request.Deadline is { } limit ? new CancellationTokenSource(limit, _time) : null;
        using var linked = deadline is null ? null : CancellationTokenSource.CreateLinkedTokenSource(cancellation, deadline.Token);
        var ends = linked?.Token ?? cancellation;
        try
        {
            await _places.WaitAsync(ends).ConfigureAwait(false);
            try
            {
                return await ExchangeAsync(request, ends).ConfigureAwait(false);
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
    /// cancelling, ends the call at the service. The request's deadline is the service's to keep.
    /// </summary>
    /// <exception cref="RpcException">The connection failed, or the consumer lags too far behind.</exception>
    public async IAsyncEnumerable<RpcResponse> StreamAsync(RpcRequest request, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var call = await BeginAsync(request, more: true, cancellation).ConfigureAwait(false);
        var finished = false;
        try
        {
            while (!finished)
            {
                var response = await call.NextAsync(cancellation).ConfigureAwait(false);
                _calls.Taken(call);
                finished = !response.Continues;
                yield return response;
            }
        }
        finally
        {
            _calls.Forget(call);
            if (!finished)
            {
                _ = CancelAsync(call);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
        {
            return;
        }

        _calls.Break(new RpcException(RpcError.Unavailable($"the connection to {_target} was closed by this side", "closed")));
        await _closing.CancelAsync().ConfigureAwait(false);
        await _stream.DisposeAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // Callers that were just ended still give their places back: the semaphores stay.
        _closing.Dispose();
    }

    private static RpcError ConnectFault(string path, Exception e) => e is SocketException { SocketErrorCode: SocketError.AccessDenied }
        ? RpcError.Unavailable($"this user may not connect to {path}", "may_not_connect")
        : RpcError.Unavailable(WhyNobodyAnswers(path, e), "cannot_connect");

    private static string WhyNobodyAnswers(string path, Exception e) => e switch
    {
        SocketException { SocketErrorCode: SocketError.AddressNotAvailable } or SocketException { NativeErrorCode: 2 } =>
            $"no socket at {path}: the service is not running, or STRATA_RUNTIME_DIR names another node",
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => $"nothing listens on {path}: the service is not running",
        SocketException { SocketErrorCode: SocketError.WouldBlock } => $"too many connections wait at {path}: the service is busy or hangs; try again",
        _ => $"cannot connect to {path}: {e.Message}",
    };

    private async Task<RpcResponse> ExchangeAsync(RpcRequest request, CancellationToken ends)
    {
        var call = await BeginAsync(request, more: false, ends).ConfigureAwait(false);
        var answered = false;
        try
        {
            var response = await call.NextAsync(ends).ConfigureAwait(false);
            answered = true;
            return response;
        }
        finally
        {
            _calls.Forget(call);
            if (!answered)
            {
                _ = CancelAsync(call);
            }
        }
    }

    private async Task<ClientCall> BeginAsync(RpcRequest request, bool more, CancellationToken cancellation)
    {
        // Such params would be answered without an id, which is no answer to this call.
        if (!Utf8.IsValid(request.Params.Span))
        {
            throw new RpcException(RpcError.InvalidArgument("the params are not valid UTF-8"));
        }

        var call = _calls.Add(request.ReqId ?? (request.Signer is null ? null : Guid.NewGuid().ToString("N")), more);
        try
        {
            var frame = request.ToFrame(call.ReqId, more);
            var bytes = frame.Length - OutputBuffer.HeaderBytes;
            if (bytes > IpcLimits.Default.MaxFrameBytes)
            {
                throw new RpcException(RpcError.InvalidArgument($"the request has {bytes} bytes; a frame carries at most {IpcLimits.Default.MaxFrameBytes}"));
            }

            await WriteAsync(frame, cancellation).ConfigureAwait(false);
            return call;
        }
        catch
        {
            _calls.Forget(call);
            throw;
        }
    }

    private async Task WriteAsync(byte[] frame, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation).ConfigureAwait(false);
        // A frame cut short by one caller's cancellation would garble every other caller's: the caller leaves, the frame goes on.
        await WriteWholeAsync(frame).WaitAsync(cancellation).ConfigureAwait(false);
    }

    private async Task WriteWholeAsync(byte[] frame)
    {
        try
        {
            await _stream.WriteAsync(frame, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // A service that stops takes nothing more and answers what it took: other calls are left to their answers.
            var lost = Lost(e);
            _calls.Close(lost);
            if (!_calls.AreSeveral)
            {
                // It may have said why it closes; what it sent is read to the end before the write's own fault counts.
                await _reading.WaitAsync(LastWordsTimeout, TimeProvider.System, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            throw new RpcException((_calls.Broken ?? lost).Error, e) { WasNotSent = true };
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task CancelAsync(ClientCall call)
    {
        if (IsBroken)
        {
            return;
        }

        try
        {
            var cancel = RpcRequest.Of("cancel", new CancelParams(call.ReqId), IpcJson.Default.CancelParams);
            await WriteAsync(cancel.ToFrame(_calls.NextId()), _closing.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is RpcException or ObjectDisposedException or OperationCanceledException)
        {
            // The connection is gone, and the call with it.
        }
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[ReadBytes];
        var input = new FrameSplitter(IpcLimits.Default.MaxFrameBytes);
        try
        {
            while (true)
            {
                var count = await _stream.ReadAsync(buffer, _closing.Token).ConfigureAwait(false);
                if (count == 0)
                {
                    throw new EndOfStreamException();
                }

                input.Append(buffer.AsSpan(0, count));
                while (Take(input) is { } payload)
                {
                    await DeliverAsync(payload).ConfigureAwait(false);
                }

                input.Trim();
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException or JsonException or InvalidOperationException)
        {
            _calls.Break(Lost(e));
        }
        finally
        {
            input.Release();
        }
    }

    private static byte[]? Take(FrameSplitter input) => input.TryTake(out var payload) switch
    {
        FrameStatus.Frame => payload.ToArray(),
        FrameStatus.Incomplete => null,
        _ => throw new JsonException("a frame of impossible length"),
    };

    private async ValueTask DeliverAsync(byte[] payload)
    {
        var (reqId, response) = RpcResponse.Parse(payload);
        if (reqId.Length == 0 && response.Error is { Reason: "too_many_connections" or "descriptors_exhausted" or "memory_exhausted" } refusal)
        {
            // It answers no request: it is about the connection as a whole.
            _calls.Break(new RpcException(refusal));
        }

        if (_calls.Deliver(reqId, response) is { } ended)
        {
            ended.End(Lagging());
            _ = CancelAsync(ended);
        }

        for (var readable = _calls.WhenReadable(reqId); !readable.IsCompleted; readable = _calls.WhenReadable(reqId))
        {
            await readable.WaitAsync(_closing.Token).ConfigureAwait(false);
        }
    }

    private RpcException Lagging() => new(RpcError.ResourceExhausted(
        $"the stream from {_target} was ended: its consumer is more than {MaxHeldItemsWhileCalling} items behind", "consumer_lags"));

    private RpcException Lost(Exception cause)
    {
        var why = cause switch
        {
            EndOfStreamException => "closed by the service",
            JsonException or (InvalidOperationException and not ObjectDisposedException) => "what came is not protocol v1",
            _ => cause.Message,
        };
        return new(RpcError.Unavailable($"the connection to {_target} was lost: {why}", "connection_lost"), cause);
    }
}
