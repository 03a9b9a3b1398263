using System.Text;
using System.Text.Json.Serialization.Metadata;

namespace Strata.Ipc;

/// <summary>
/// The server's half of one connection: bytes in, bytes out, no socket. Requests are answered in one pass on the loop
/// thread where the handler allows it; the rest are tracked and answered in any order.
/// </summary>
/// <remarks>
/// All members belong to the loop thread. Back-pressure is not reading: <see cref="WantsInput"/> is false while too
/// much is unsent or too many calls are in progress.
/// </remarks>
public sealed class ServerSession
{
    private readonly MethodTable _methods;
    private readonly IpcLimits _limits;
    private readonly FrameSplitter _input;
    private readonly List<PendingCall> _pending = [];
    private readonly List<TaskCompletionSource> _waitingForRoom = [];
    private readonly long _connectedAt;
    private bool _inputEnded;
    private bool _broken;
    private bool _anyFrame;
    private bool _processing;
    private long _frameBegunAt;
    private long _activeAt;
    private long _progressAt;

    /// <summary>Creates the session of a new connection.</summary>
    public ServerSession(MethodTable methods, IAuthorizer authorizer, IpcLimits limits, Peer peer, ISessionHost host)
    {
        _methods = methods;
        Authorizer = authorizer;
        _limits = limits;
        _input = new FrameSplitter(limits.MaxFrameBytes);
        Peer = peer;
        Host = host;
        _connectedAt = _activeAt = _progressAt = host.Time.GetTimestamp();
    }

    /// <summary>The caller as the kernel vouches for it.</summary>
    public Peer Peer { get; }

    /// <summary>What is to be sent.</summary>
    public OutputBuffer Output { get; } = new();

    /// <summary>Calls in progress.</summary>
    public int InFlight => _pending.Count;

    /// <summary>True while the driver should read from the connection.</summary>
    public bool WantsInput => !_inputEnded && !_broken && !Draining && HasRoom;

    /// <summary>True when nothing is left to do and the connection can be closed.</summary>
    public bool IsFinished =>
        Output.Length == 0 && (_broken || (_pending.Count == 0 && (Draining || (_inputEnded && !HoldsWholeFrame))));

    /// <summary>True once <see cref="BeginDrain"/> was called.</summary>
    public bool Draining { get; private set; }

    internal IAuthorizer Authorizer { get; }

    internal ISessionHost Host { get; }

    private bool HasRoom => Output.Length < _limits.OutputHighWaterBytes && _pending.Count < _limits.MaxInFlight;

    private bool HoldsWholeFrame { get; set; }

    /// <summary>Takes received bytes and answers the whole frames among them.</summary>
    public void Receive(ReadOnlySpan<byte> received)
    {
        if (_broken || Draining)
        {
            return;
        }

        if (_input.HeldBytes > 0 || !HasRoom)
        {
            _input.Append(received);
            ProcessHeld();
            return;
        }

        // The usual case: whole frames are answered straight from the received bytes and nothing is copied.
        _processing = true;
        while (HasRoom)
        {
            var status = FrameSplitter.TryCut(received, _limits.MaxFrameBytes, out var payload);
            if (status == FrameStatus.Impossible)
            {
                Break();
                break;
            }

            if (status == FrameStatus.Incomplete)
            {
                break;
            }

            received = received[(OutputBuffer.HeaderBytes + payload.Length)..];
            AnswerFrame(payload);
        }

        _processing = false;
        if (!_broken)
        {
            _input.Append(received);
            NoteHeld();
        }
    }

    /// <summary>The caller will send no more. Whole requests already received still get their answers.</summary>
    public void EndInput() => _inputEnded = true;

    /// <summary>The driver has sent some output: frames held back for want of room are taken up.</summary>
    public void Sent(int bytes)
    {
        Output.Sent(bytes);
        _progressAt = _activeAt = Host.Time.GetTimestamp();
        ReleaseRoom();
        ProcessHeld();
    }

    /// <summary>
    /// Ends the session in good order: requests in progress are answered, streams get a last frame, nothing new is taken.
    /// </summary>
    public void BeginDrain()
    {
        if (Draining)
        {
            return;
        }

        Draining = true;
        foreach (var pending in _pending.ToArray())
        {
            if (pending.Call.Method.Streaming)
            {
                AnswerPending(pending, RpcError.Unavailable($"{_methods.Service} is stopping; connect again", "draining"));
                pending.Call.Cancel();
            }
        }
    }

    /// <summary>The connection is gone: cancels what is in progress and frees all memory.</summary>
    public void Abort()
    {
        _broken = true;
        foreach (var pending in _pending)
        {
            pending.Answered = true;
            pending.Call.Cancel();
        }

        foreach (var waiting in _waitingForRoom)
        {
            waiting.TrySetCanceled();
        }

        _waitingForRoom.Clear();
        Output.Release();
        _input.Release();
    }

    /// <summary>
    /// Why the connection has overstayed at <paramref name="now"/>, or null; <paramref name="next"/> is when to ask again.
    /// </summary>
    public string? Overdue(long now, out TimeSpan next)
    {
        var time = Host.Time;
        var (since, limit, why) =
            Output.Length > 0 ? (_progressAt, _limits.WriteTimeout, "the peer does not read its answers")
            : _input.HeldBytes > 0 && !HoldsWholeFrame ? (_frameBegunAt, _limits.FrameTimeout, "a frame was begun and not completed")
            : _pending.Count > 0 ? (now, _limits.IdleTimeout, "")
            : !_anyFrame ? (_connectedAt, _limits.FirstFrameTimeout, "no request was sent")
            : (_activeAt, _limits.IdleTimeout, "idle");
        var elapsed = time.GetElapsedTime(since, now);
        next = limit - elapsed;
        return elapsed >= limit ? why : null;
    }

    internal void Answer(ReadOnlySpan<byte> reqIdRaw, RpcError error)
    {
        BeginOutput();
        Host.Writer.WriteError(Output, reqIdRaw, error);
        Host.Answered(null, error);
    }

    internal void Answer<T>(ReadOnlySpan<byte> reqIdRaw, Reply<T> reply, JsonTypeInfo<T> type)
    {
        if (reply.Error is { } error)
        {
            Answer(reqIdRaw, error);
            return;
        }

        BeginOutput();
        Host.Writer.Write(Output, reqIdRaw, reply.Value!, type);
        Host.Answered(null, null);
    }

    internal void AnswerPending(PendingCall pending, RpcError error)
    {
        if (!pending.Answered && !_broken)
        {
            Answer(pending.ReqIdRaw, error);
        }

        pending.Answered = true;
    }

    internal void AnswerPending<T>(PendingCall pending, Reply<T> reply, JsonTypeInfo<T> type)
    {
        if (!pending.Answered && !_broken)
        {
            Answer(pending.ReqIdRaw, reply, type);
        }

        pending.Answered = true;
    }

    internal void WriteItem<T>(ReadOnlySpan<byte> reqIdRaw, T item, JsonTypeInfo<T> type)
    {
        if (!_broken)
        {
            BeginOutput();
            Host.Writer.Write(Output, reqIdRaw, item, type, continues: true);
        }
    }

    internal void WhenRoom(TaskCompletionSource room)
    {
        if (_broken)
        {
            room.TrySetCanceled();
        }
        else if (Output.Length < _limits.OutputHighWaterBytes)
        {
            room.TrySetResult();
        }
        else
        {
            _waitingForRoom.Add(room);
        }
    }

    internal void Track<TPending>(TPending pending, Action<TPending> start)
        where TPending : PendingCall
    {
        _pending.Add(pending);
        start(pending);
        pending.ArmDeadline();
    }

    internal void Untrack(PendingCall pending)
    {
        _pending.Remove(pending);
        _activeAt = Host.Time.GetTimestamp();
        ProcessHeld();
    }

    internal bool CancelCalls(string reqId)
    {
        var found = false;
        foreach (var pending in _pending)
        {
            if (!pending.Answered && string.Equals(pending.Call.ReqId, reqId, StringComparison.Ordinal))
            {
                pending.Call.CancelledByCaller = true;
                pending.Call.Cancel();
                found = true;
            }
        }

        return found;
    }

    internal RpcError FaultOf(CallContext call, Exception exception)
    {
        switch (exception)
        {
            case RpcException expected:
                return expected.Error;
            case OperationCanceledException when call.DeadlinePassed:
                return RpcError.Unavailable("the deadline of the request has passed", "deadline_exceeded");
            case OperationCanceledException when call.Cancellation.IsCancellationRequested:
                return RpcError.Unavailable("the call was cancelled", "cancelled");
            default:
                Host.HandlerFaulted(call, exception);
                return RpcError.Internal($"{call.Method.Name} failed; the log of {_methods.Service} has the details under this req_id");
        }
    }

    private void BeginOutput()
    {
        if (Output.Length == 0)
        {
            _progressAt = Host.Time.GetTimestamp();
        }
    }

    private void ProcessHeld()
    {
        if (_processing || _broken || Draining || _input.HeldBytes == 0)
        {
            return;
        }

        _processing = true;
        while (HasRoom)
        {
            var status = _input.TryTake(out var payload);
            if (status == FrameStatus.Impossible)
            {
                Break();
                break;
            }

            if (status == FrameStatus.Incomplete)
            {
                break;
            }

            AnswerFrame(payload);
        }

        _processing = false;
        NoteHeld();
    }

    /// <summary>Remembers whether what is held could be answered had it room, and since when a frame is incomplete.</summary>
    private void NoteHeld()
    {
        HoldsWholeFrame = _input.HeldBytes > 0 && !HasRoom;
        if (_input.HeldBytes > 0 && !HoldsWholeFrame && _frameBegunAt == 0)
        {
            _frameBegunAt = Host.Time.GetTimestamp();
        }
        else if (_input.HeldBytes == 0 || HoldsWholeFrame)
        {
            _frameBegunAt = 0;
        }

        _input.Trim();
    }

    private void Break()
    {
        var unsent = Output.Unsent.ToArray();
        Abort();
        unsent.CopyTo(Output.GetSpan(unsent.Length));
        Output.Advance(unsent.Length);
    }

    private void ReleaseRoom()
    {
        if (_waitingForRoom.Count > 0 && Output.Length < _limits.OutputHighWaterBytes)
        {
            foreach (var waiting in _waitingForRoom)
            {
                waiting.TrySetResult();
            }

            _waitingForRoom.Clear();
        }
    }

    private void AnswerFrame(ReadOnlySpan<byte> payload)
    {
        _anyFrame = true;
        _frameBegunAt = 0;
        _activeAt = Host.Time.GetTimestamp();
        RequestEnvelope envelope = default;
        if (EnvelopeReader.Read(payload, _limits, ref envelope) is { } fault)
        {
            Answer(envelope.ReqIdRaw, RpcError.InvalidArgument(fault));
            return;
        }

        if (_methods.Find(envelope.Method) is not { } method)
        {
            Answer(envelope.ReqIdRaw, RpcError.InvalidArgument($"unknown method: {JsonText.Shorten(envelope.Method)}"));
            return;
        }

        var call = new CallContext(method, DecodeReqId(envelope.ReqIdRaw), Peer, Host.Time)
        {
            WantsMore = envelope.More,
            Deadline = envelope.DeadlineMs > 0 ? TimeSpan.FromMilliseconds(envelope.DeadlineMs) : null,
        };
        Dispatch(method, envelope, call);
    }

    private void Dispatch(Method method, in RequestEnvelope envelope, CallContext call)
    {
        try
        {
            var query = new AuthorizationQuery { Method = method, Token = envelope.Token, Peer = Peer, Call = call };
            if (Authorizer.Authenticate(query, out var principal) is { } denial)
            {
                Answer(envelope.ReqIdRaw, denial);
                return;
            }

            call.Principal = principal;
            if (envelope.More && !method.Streaming)
            {
                Answer(envelope.ReqIdRaw, RpcError.InvalidField("more", $"{method.Name} does not stream; leave out \"more\""));
                return;
            }

            method.Dispatch(this, envelope, call);
        }
#pragma warning disable CA1031 // A handler's fault is the caller's INTERNAL, never the connection's or the service's end.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Answer(envelope.ReqIdRaw, FaultOf(call, e));
        }
    }

    private static string DecodeReqId(ReadOnlySpan<byte> raw)
    {
        if (raw.IndexOf((byte)'\\') < 0)
        {
            return Encoding.UTF8.GetString(raw);
        }

        var quoted = new byte[raw.Length + 2];
        quoted[0] = quoted[^1] = (byte)'"';
        raw.CopyTo(quoted.AsSpan(1));
        var reader = new System.Text.Json.Utf8JsonReader(quoted);
        reader.Read();
        return reader.GetString()!;
    }
}
