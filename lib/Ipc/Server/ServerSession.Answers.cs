using System.Text.Json.Serialization.Metadata;

namespace Strata.Ipc;

/// <content>Calls in progress and what is written for them.</content>
public sealed partial class ServerSession
{
    /// <summary>True when no further streaming call may begin on this connection.</summary>
    internal bool StreamsFull => _streams >= _limits.MaxStreams;

    private RpcError Stopping => RpcError.Unavailable($"{_methods.Service} is stopping; connect again", "draining");

    internal void Answer(CallContext? call, ReadOnlySpan<byte> reqIdRaw, RpcError error)
    {
        BeginOutput();
        Host.Writer.WriteError(Output, reqIdRaw, error);
        Host.Answered(call, error);
    }

    internal void Answer<T>(CallContext call, ReadOnlySpan<byte> reqIdRaw, Reply<T> reply, JsonTypeInfo<T> type)
    {
        if ((reply.Error ?? TryWrite(call, reqIdRaw, reply.Value!, type, continues: false, out _)) is { } error)
        {
            Answer(call, reqIdRaw, error);
            return;
        }

        Host.Answered(call, null);
    }

    internal void AnswerPending(PendingCall pending, RpcError error)
    {
        if (!pending.Answered && !_broken)
        {
            Answer(pending.Call, pending.ReqIdRaw, pending.Call.Refusal ?? error);
        }

        pending.Answered = true;
    }

    internal void AnswerPending<T>(PendingCall pending, Reply<T> reply, JsonTypeInfo<T> type)
    {
        if (!pending.Answered && !_broken)
        {
            Answer(pending.Call, pending.ReqIdRaw, pending.Call.Refusal ?? reply, type);
        }

        pending.Answered = true;
    }

    /// <summary>Writes one item of a stream. One that cannot be sent is the stream's end: its error was the last frame.</summary>
    internal void WriteItem<T>(PendingCall pending, T item, JsonTypeInfo<T> type)
    {
        if (pending.Answered || _broken || pending.Call.Refusal is not null)
        {
            return;
        }

        if (TryWrite(pending.Call, pending.ReqIdRaw, item, type, continues: true, out var written) is { } error)
        {
            AnswerPending(pending, error);
        }

        if (!written)
        {
            pending.Answered = true;
            pending.Call.Cancel();
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

    internal void Track(PendingCall pending)
    {
        _pending.Add(pending);
        _streams += pending.Call.Method.Streaming ? 1 : 0;
        pending.ArmDeadline();
        pending.Call.Pend(pending);
        Authorizer.Began(pending.Call);
    }

    internal void Untrack(PendingCall pending)
    {
        _pending.Remove(pending);
        _streams -= pending.Call.Method.Streaming ? 1 : 0;
        _activity.Touch();
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
                return DeadlinePassed;
            case OperationCanceledException when call.Cancellation.IsCancellationRequested:
                return RpcError.Unavailable("the call was cancelled", "cancelled");
            default:
                Host.HandlerFaulted(call, exception);
                return RpcError.Internal($"{call.Method.Name} failed; the log of {_methods.Service} has the details under this req_id");
        }
    }

    /// <summary>What a call is answered whose deadline passed first.</summary>
    internal static RpcError DeadlinePassed { get; } = RpcError.Unavailable("the deadline of the request has passed", "deadline_exceeded");

    private static RpcError TooManyDescriptors { get; } = RpcError.ResourceExhausted(
        "as many descriptors wait for you on this connection as may; read the answers, then try again", "too_many_descriptors");

    /// <summary>Writes a value; returns the error to answer instead when it is not JSON, which is the handler's fault.</summary>
    private RpcError? TryWrite<T>(CallContext call, ReadOnlySpan<byte> reqIdRaw, T value, JsonTypeInfo<T> type, bool continues, out bool written)
    {
        BeginOutput();
        written = false;
        var before = Output.Length;
        try
        {
            written = Host.Writer.Write(Output, reqIdRaw, value, type, continues);
            if (written && !continues && call.TakeDescriptor() is { } descriptor)
            {
                Output.Attach(before, descriptor);
                if (Output.Descriptors > _limits.MaxUnsentDescriptors)
                {
                    Output.Abandon(before);
                    written = false;
                    return TooManyDescriptors;
                }
            }

            if (TryCharge())
            {
                return null;
            }

            Output.Abandon(before);
            Output.Trim();
            written = false;
            return MemoryExhausted;
        }
#pragma warning disable CA1031 // A result that cannot be written is the caller's INTERNAL, never the service's end.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return FaultOf(call, e);
        }
    }

    private void BeginOutput()
    {
        if (Output.Length == 0)
        {
            _activity.OutputBegun();
        }
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
}
