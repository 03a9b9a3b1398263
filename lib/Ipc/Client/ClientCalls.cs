using System.Globalization;
using System.Text;

namespace Strata.Ipc;

/// <summary>
/// The calls in progress on one client connection, by <c>req_id</c>, and the rule by which the connection is read.
/// </summary>
/// <remarks>
/// Not reading is how a lagging consumer slows its service down. But whoever consumes a stream may well wait for another
/// answer on the same connection meanwhile; as long as anybody waits for one, reading goes on and the lag grows to a
/// second, hard bound.
/// </remarks>
internal sealed class ClientCalls
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ClientCall> _calls = new(StringComparer.Ordinal);
    private TaskCompletionSource? _pause;
    private RpcException? _broken;
    private RpcException? _closed;
    private int _answersAwaited;
    private long _lastId;

    /// <summary>Why the connection is unusable; null while it is not.</summary>
    internal RpcException? Broken => Volatile.Read(ref _broken);

    /// <summary>Why no further call can be made, though those in progress may still be answered; null while calls can be made.</summary>
    internal RpcException? Closed => Volatile.Read(ref _broken) ?? Volatile.Read(ref _closed);

    /// <summary>Whether more than one call is in progress.</summary>
    internal bool AreSeveral
    {
        get
        {
            lock (_lock)
            {
                return _calls.Count > 1;
            }
        }
    }

    /// <summary>An id that no call of this client has had.</summary>
    internal string NextId() => Interlocked.Increment(ref _lastId).ToString(CultureInfo.InvariantCulture);

    /// <summary>Enters a call; a null id is chosen here.</summary>
    /// <exception cref="RpcException">The connection is unusable.</exception>
    /// <exception cref="ArgumentException">The id given is in use, empty or too long.</exception>
    internal ClientCall Add(string? wanted, bool streams)
    {
        if (wanted is not null && (wanted.Length == 0 || Encoding.UTF8.GetByteCount(wanted) > IpcLimits.Default.MaxReqIdBytes))
        {
            throw new ArgumentException($"a req_id has 1 to {IpcLimits.Default.MaxReqIdBytes} bytes", nameof(wanted));
        }

        lock (_lock)
        {
            if (Closed is { } why)
            {
                throw new RpcException(why.Error, why) { WasNotSent = true };
            }

            var call = new ClientCall(wanted ?? NextId(), streams);
            while (!_calls.TryAdd(call.ReqId, call))
            {
                // A caller's own id may look like one of ours.
                call = wanted is null
                    ? new ClientCall(NextId(), streams)
                    : throw new ArgumentException($"a call with req_id \"{wanted}\" is in progress on this connection", nameof(wanted));
            }

            _answersAwaited += streams ? 0 : 1;
            Resume();
            return call;
        }
    }

    /// <summary>Hands a frame to its call; one that nobody waits for any more is dropped.</summary>
    /// <returns>The call, when the frame was one too many for its consumer; it is forgotten and must be ended.</returns>
    internal ClientCall? Deliver(string reqId, RpcResponse response)
    {
        lock (_lock)
        {
            if (!_calls.TryGetValue(reqId, out var call))
            {
                return null;
            }

            if (call.Held >= RpcClient.MaxHeldItemsWhileCalling)
            {
                Remove(call);
                return call;
            }

            call.Held++;
            call.Add(response);
            return null;
        }
    }

    /// <summary>A consumer took a frame.</summary>
    internal void Taken(ClientCall call)
    {
        lock (_lock)
        {
            call.Held--;
            Resume();
        }
    }

    /// <summary>Completes when the connection should be looked at again; completed already when it should be read now.</summary>
    internal Task WhenReadable(string lastReqId)
    {
        lock (_lock)
        {
            if (_answersAwaited > 0 || !_calls.TryGetValue(lastReqId, out var call) || call.Held < RpcClient.MaxHeldItems)
            {
                return Task.CompletedTask;
            }

            _pause = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _pause.Task;
        }
    }

    /// <summary>Nobody waits for the call any more.</summary>
    internal void Forget(ClientCall call)
    {
        lock (_lock)
        {
            Remove(call);
        }
    }

    /// <summary>Ends every later call; those in progress are left to be answered.</summary>
    internal void Close(RpcException why)
    {
        lock (_lock)
        {
            _closed ??= why;
        }
    }

    /// <summary>Ends every call, and every later one, with the first reason given.</summary>
    internal void Break(RpcException why)
    {
        lock (_lock)
        {
            _broken ??= why;
            foreach (var call in _calls.Values)
            {
                call.End(_broken);
            }

            _calls.Clear();
            _answersAwaited = 0;
            Resume();
        }
    }

    private void Remove(ClientCall call)
    {
        if (_calls.TryGetValue(call.ReqId, out var present) && ReferenceEquals(present, call))
        {
            _calls.Remove(call.ReqId);
            _answersAwaited -= call.Streams ? 0 : 1;
            Resume();
        }
    }

    private void Resume()
    {
        _pause?.TrySetResult();
        _pause = null;
    }
}
