using System.Text.Json.Serialization.Metadata;

namespace Strata.Ipc;

/// <summary>
/// Result of the last frame of a stream that ended without an error: <c>ended</c> when there is no more,
/// <c>cancelled</c> when the caller ended it.
/// </summary>
internal static class StreamEnd
{
    internal static readonly StatusResult Ended = new("ended");
    internal static readonly StatusResult Cancelled = new("cancelled");
}

/// <summary>A call answered by a stream. The next item is asked for only when the last one found room.</summary>
internal sealed class PendingStream<T>(ServerSession session, CallContext call, ReadOnlySpan<byte> reqIdRaw, JsonTypeInfo<T> type)
    : PendingCall(session, call, reqIdRaw)
{
    internal async void Start(ValueTask<Reply<IAsyncEnumerable<T>>> begun)
    {
        ILoopWork last;
        try
        {
            var reply = await begun.ConfigureAwait(false);
            last = reply.Error is { } refusal ? new Last(this, refusal) : await PumpAsync(reply.Value!).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (Call.Cancellation.IsCancellationRequested)
        {
            last = new Last(this);
        }
#pragma warning disable CA1031 // A handler's fault is the caller's INTERNAL, never the service's end.
        catch (Exception e)
#pragma warning restore CA1031
        {
            last = new Last(this, fault: e);
        }

        Session.Host.Post(Session, last);
    }

    private async Task<ILoopWork> PumpAsync(IAsyncEnumerable<T> items)
    {
        await foreach (var item in items.WithCancellation(Call.Cancellation).ConfigureAwait(false))
        {
            if (!Call.WantsMore)
            {
                return new Only(this, item);
            }

            var sent = new Item(this, item);
            Session.Host.Post(Session, sent);
            await sent.Room.Task.WaitAsync(Call.Cancellation).ConfigureAwait(false);
        }

        return new Last(this);
    }

    private sealed class Item(PendingStream<T> stream, T value) : ILoopWork
    {
        internal TaskCompletionSource Room { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Run()
        {
            stream.Session.WriteItem(stream, value, stream.Type);
            stream.Session.WhenRoom(Room);
        }
    }

    private sealed class Only(PendingStream<T> stream, T value) : ILoopWork
    {
        public void Run()
        {
            stream.Session.AnswerPending(stream, Reply.Ok(value), stream.Type);
            stream.Finish();
        }
    }

    private sealed class Last(PendingStream<T> stream, RpcError? error = null, Exception? fault = null) : ILoopWork
    {
        public void Run()
        {
            var (session, call) = (stream.Session, stream.Call);
            if ((fault is null ? error : session.FaultOf(call, fault)) is { } answer)
            {
                session.AnswerPending(stream, answer);
            }
            else if (call.DeadlinePassed)
            {
                session.AnswerPending(stream, ServerSession.DeadlinePassed);
            }
            else
            {
                var status = call.Cancellation.IsCancellationRequested ? StreamEnd.Cancelled : StreamEnd.Ended;
                session.AnswerPending(stream, Reply.Ok(status), IpcJson.Default.StatusResult);
            }

            stream.Finish();
        }
    }

    private JsonTypeInfo<T> Type => type;
}
