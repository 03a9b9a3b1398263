using System.Text.Json.Serialization.Metadata;

namespace Strata.Ipc;

/// <summary>A call whose answer is not ready yet. Everything but the handler's own work happens on the loop thread.</summary>
internal abstract class PendingCall
{
    private CancellationTokenRegistration _deadline;

    protected PendingCall(ServerSession session, CallContext call, ReadOnlySpan<byte> reqIdRaw)
    {
        Session = session;
        Call = call;
        ReqIdRaw = reqIdRaw.ToArray();
    }

    internal ServerSession Session { get; }

    internal CallContext Call { get; }

    internal byte[] ReqIdRaw { get; }

    /// <summary>True once the caller has its last frame, though the handler may still run.</summary>
    internal bool Answered { get; set; }

    /// <summary>Arms the caller's deadline, which answers even when the handler ignores its cancellation.</summary>
    internal void ArmDeadline()
    {
        if (Call.Deadline is not null)
        {
            _deadline = Call.Cancellation.UnsafeRegister(static state => ((PendingCall)state!).PostDeadline(), this);
        }
    }

    /// <summary>Called on the loop when the handler has ended.</summary>
    internal void Finish()
    {
        _deadline.Unregister();
        Call.End();
        Session.Untrack(this);
    }

    /// <summary>Answers with what the authorizer took back, even when the handler ignores its cancellation. From any thread.</summary>
    internal void PostRefusal() => Session.Host.Post(Session, new RefusalWork(this));

    private void PostDeadline() => Session.Host.Post(Session, new DeadlineWork(this));

    private sealed class RefusalWork(PendingCall pending) : ILoopWork
    {
        public void Run() => pending.Session.AnswerPending(pending, pending.Call.Refusal!);
    }

    private sealed class DeadlineWork(PendingCall pending) : ILoopWork
    {
        public void Run()
        {
            if (pending.Call.DeadlinePassed)
            {
                pending.Session.AnswerPending(pending, ServerSession.DeadlinePassed);
            }
        }
    }
}

/// <summary>A call that will have one answer.</summary>
internal sealed class PendingUnary<T>(ServerSession session, CallContext call, ReadOnlySpan<byte> reqIdRaw, JsonTypeInfo<T> type)
    : PendingCall(session, call, reqIdRaw), ILoopWork
{
    private Reply<T> _reply;
    private Exception? _fault;

    internal async void Start(ValueTask<Reply<T>> reply)
    {
        try
        {
            _reply = await reply.ConfigureAwait(false);
        }
#pragma warning disable CA1031 // A handler's fault is the caller's INTERNAL, never the service's end.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _fault = e;
        }

        Session.Host.Post(Session, this);
    }

    public void Run()
    {
        Session.AnswerPending(this, _fault is null ? _reply : Session.FaultOf(Call, _fault), type);
        Finish();
    }
}
