using System.Runtime.InteropServices;

namespace Strata.Ipc;

/// <summary>One call in progress, as its handler sees it.</summary>
public sealed class CallContext
{
    private readonly TimeProvider _time;
    private CallCancellation? _cancel;
    private int _cancelled;
    private volatile bool _ended;
    private SafeHandle? _descriptor;
    private PendingCall? _pending;

    /// <summary>Creates the context of one call.</summary>
    public CallContext(Method method, string reqId, Peer peer, TimeProvider time)
    {
        Method = method;
        ReqId = reqId;
        Peer = peer;
        _time = time;
        ReceivedAt = time.GetTimestamp();
    }

    /// <summary>The method called.</summary>
    public Method Method { get; }

    /// <summary>The caller's id for the request, decoded.</summary>
    public string ReqId { get; }

    /// <summary>The caller as the kernel vouches for it.</summary>
    public Peer Peer { get; }

    /// <summary>Whom authorization found behind the call; null for open methods.</summary>
    public object? Principal { get; internal set; }

    /// <summary>Timestamp of <see cref="TimeProvider"/> at which the whole request had arrived.</summary>
    public long ReceivedAt { get; }

    /// <summary>The caller's deadline counted from <see cref="ReceivedAt"/>; null means none.</summary>
    public TimeSpan? Deadline { get; internal set; }

    /// <summary>True when the caller asked for a stream with <c>"more": true</c>.</summary>
    public bool WantsMore { get; internal set; }

    /// <summary>
    /// Ends when the caller cancels, disconnects, or its deadline passes. Made on first use, so that handlers which
    /// answer at once pay nothing for it.
    /// </summary>
    public CancellationToken Cancellation => Volatile.Read(ref _cancel) is { } source ? source.Ends : MakeCancellation();

    /// <summary>
    /// True when the caller itself ended the call with <c>cancel</c>. A connection that just broke leaves it false: then
    /// nobody can tell what became of the caller.
    /// </summary>
    public bool CancelledByCaller { get; internal set; }

    /// <summary>True when the caller's deadline has passed.</summary>
    /// <remarks>A timer that fired a little early counts: whoever was cancelled by it was cancelled by the deadline.</remarks>
    public bool DeadlinePassed =>
        Deadline is { } limit
        && (_time.GetElapsedTime(ReceivedAt) >= limit || (_cancelled == 0 && _cancel is { IsCancellationRequested: true }));

    /// <summary>Whether the call is over.</summary>
    public bool HasEnded => _ended;

    /// <summary>Why the authorizer took back what it had allowed; null when it did not.</summary>
    internal RpcError? Refusal { get; private set; }

    /// <summary>
    /// For the authorizer: ends a call that it was told of (<see cref="IAuthorizer.Began"/>). The error is the last the caller hears of it, whether or
    /// not the handler heeds its cancellation.
    /// </summary>
    public void Refuse(RpcError error)
    {
        Refusal = error;
        Cancel();
        _pending?.PostRefusal();
    }

    /// <summary>
    /// Lets an open descriptor leave with the answer, if that is a result: one at most. The caller's process gets a duplicate that nobody
    /// can take back.
    /// </summary>
    /// <param name="descriptor">Owned by the call from here on, and closed whatever becomes of it.</param>
    public void AttachDescriptor(SafeHandle descriptor) => Interlocked.Exchange(ref _descriptor, descriptor)?.Dispose();

    /// <summary>For the authorizer: names whom a call that it is about to deny belongs to, so that the audit can tell.</summary>
    public void Identify(object? principal) => Principal = principal;

    /// <summary>The call is not answered at once; before the authorizer is told.</summary>
    internal void Pend(PendingCall pending) => _pending = pending;

    /// <summary>Cancels the handler. Its own callbacks run elsewhere: they must not hold up the loop or fail in it.</summary>
    internal void Cancel()
    {
        // Either this side sees the source or MakeCancellation sees the flag: both order their write before their read.
        Interlocked.Exchange(ref _cancelled, 1);
        if (_cancel is { } source && !_ended)
        {
            _ = source.CancelAsync();
        }
    }

    /// <summary>The handler has ended: a deadline's timer must not outlive it.</summary>
    internal void End()
    {
        TakeDescriptor()?.Dispose();
        _ended = true;
        _pending = null;
        _cancel?.Dispose();
    }

    /// <summary>The descriptor attached, which is the taker's; null for none.</summary>
    internal SafeHandle? TakeDescriptor() => Interlocked.Exchange(ref _descriptor, null);

    private CancellationToken MakeCancellation()
    {
        var made = Deadline is { } left
            ? new CallCancellation(Positive(left - _time.GetElapsedTime(ReceivedAt)), _time)
            : new CallCancellation();
        if (Interlocked.CompareExchange(ref _cancel, made, null) is { } first)
        {
            made.Dispose();
            return first.Ends;
        }

        if (Volatile.Read(ref _cancelled) == 1)
        {
            made.Cancel();
        }

        if (_ended)
        {
            made.Dispose();
        }

        return made.Ends;
    }

    private static TimeSpan Positive(TimeSpan span) => span > TimeSpan.Zero ? span : TimeSpan.FromTicks(1);
}
