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
public sealed partial class ServerSession
{
    private readonly MethodTable _methods;
    private readonly IpcLimits _limits;
    private readonly FrameSplitter _input;
    private readonly List<PendingCall> _pending = [];
    private readonly List<TaskCompletionSource> _waitingForRoom = [];
    private readonly SessionActivity _activity;
    private int _streams;
    private bool _inputEnded;
    private bool _broken;
    private bool _processing;
    private bool _holdsBack;

    /// <summary>Creates the session of a new connection.</summary>
    public ServerSession(MethodTable methods, IAuthorizer authorizer, IpcLimits limits, Peer peer, ISessionHost host)
    {
        _methods = methods;
        Authorizer = authorizer;
        _limits = limits;
        _input = new FrameSplitter(limits.MaxFrameBytes);
        Peer = peer;
        Host = host;
        _activity = new SessionActivity(host.Time, limits);
    }

    /// <summary>The caller as the kernel vouches for it.</summary>
    public Peer Peer { get; }

    /// <summary>What is to be sent.</summary>
    public OutputBuffer Output { get; } = new();

    /// <summary>Calls in progress.</summary>
    public int InFlight => _pending.Count;

    /// <summary>True while the driver should read from the connection.</summary>
    public bool WantsInput => !_inputEnded && !_broken && HasRoom;

    /// <summary>True when nothing is left to do and the connection can be closed.</summary>
    public bool IsFinished =>
        Output.Length == 0 && (_broken || (_pending.Count == 0 && _inputEnded && !_holdsBack));

    /// <summary>True once <see cref="BeginDrain"/> was called.</summary>
    public bool Draining { get; private set; }

    internal IAuthorizer Authorizer { get; }

    internal ISessionHost Host { get; }

    private bool HasRoom => Output.Length < _limits.OutputHighWaterBytes && _pending.Count < _limits.MaxInFlight;

    /// <summary>Takes received bytes and answers the whole frames among them.</summary>
    public void Receive(ReadOnlySpan<byte> received)
    {
        if (_broken || _inputEnded)
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
        _ = TryCharge();
        _activity.OutputTaken();
        ReleaseRoom();
        ProcessHeld();
    }

    /// <summary>
    /// Ends the session in good order: requests received until <see cref="EndInput"/> are answered, streams get a last frame. The
    /// driver sees to it that the peer can send no more, hands over what it had sent, and then ends the input.
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
                AnswerPending(pending, Stopping);
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
        _ = TryCharge();
    }

    /// <summary>
    /// Why the connection has overstayed at <paramref name="now"/>, or null; <paramref name="next"/> is when to ask again.
    /// </summary>
    public string? Overdue(long now, out TimeSpan next) =>
        _activity.Overdue(now, Output.Length > 0, _pending.Count > 0, out next);

    private void ProcessHeld()
    {
        if (_processing || _broken || _input.HeldBytes == 0)
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

    /// <summary>
    /// What is held for want of room is this side's doing; what is held although there is room is a frame's beginning,
    /// whose rest the peer owes.
    /// </summary>
    private void NoteHeld()
    {
        _holdsBack = _input.HeldBytes > 0 && !HasRoom;
        _activity.FrameOwed(_input.HeldBytes > 0 && HasRoom);
        _input.Trim();
        ChargeInput();
    }

    private void Break()
    {
        var unsent = Output.Unsent.ToArray();
        Abort();
        unsent.CopyTo(Output.GetSpan(unsent.Length));
        Output.Advance(unsent.Length);
        _ = TryCharge();
    }

    private void AnswerFrame(ReadOnlySpan<byte> payload)
    {
        _activity.FrameTaken();
        RequestEnvelope envelope = default;
        if (EnvelopeReader.Read(payload, _limits, ref envelope) is { } fault)
        {
            Answer(null, envelope.ReqIdRaw, RpcError.InvalidArgument(fault));
            return;
        }

        if (_methods.Find(envelope.Method) is not { } method)
        {
            Answer(null, envelope.ReqIdRaw, RpcError.InvalidArgument($"unknown method: {JsonText.Shorten(envelope.Method)}"));
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
            if (Authorizer.Authenticate(QueryOf(method, envelope, call), out var principal) is { } denial)
            {
                Answer(call, envelope.ReqIdRaw, denial);
                return;
            }

            call.Principal = principal;
            if (Draining && method.Streaming)
            {
                Answer(call, envelope.ReqIdRaw, Stopping);
                return;
            }

            if (envelope.More && !method.Streaming)
            {
                Answer(call, envelope.ReqIdRaw, RpcError.InvalidField("more", $"{method.Name} does not stream; leave out \"more\""));
                return;
            }

            method.Dispatch(this, envelope, call);
        }
#pragma warning disable CA1031 // A handler's fault is the caller's INTERNAL, never the connection's or the service's end.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Answer(call, envelope.ReqIdRaw, FaultOf(call, e));
            call.End();
        }
    }

    internal AuthorizationQuery QueryOf(Method method, in RequestEnvelope envelope, CallContext call) => new()
    {
        Method = method, Token = envelope.Token, Proof = envelope.Proof, ReqIdRaw = envelope.ReqIdRaw, Params = envelope.Params, Peer = Peer, Call = call,
    };

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
