namespace Strata.Ipc;

/// <summary>One call in progress, as its handler sees it.</summary>
public sealed class CallContext
{
    private readonly TimeProvider _time;
    private CancellationTokenSource? _cancel;
    private bool _cancelled;

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
    public CancellationToken Cancellation
    {
        get
        {
            lock (this)
            {
                if (_cancel is null)
                {
                    _cancel = Deadline is { } left
                        ? new CancellationTokenSource(Positive(left - _time.GetElapsedTime(ReceivedAt)), _time)
                        : new CancellationTokenSource();
                    if (_cancelled)
                    {
                        _cancel.Cancel();
                    }
                }

                return _cancel.Token;
            }
        }
    }

    /// <summary>
    /// True when the caller itself ended the call with <c>cancel</c>. A connection that just broke leaves it false: then
    /// nobody can tell what became of the caller.
    /// </summary>
    public bool CancelledByCaller { get; internal set; }

    /// <summary>True when the caller's deadline has passed.</summary>
    public bool DeadlinePassed => Deadline is { } limit && _time.GetElapsedTime(ReceivedAt) >= limit;

    /// <summary>For the authorizer: names whom a call that it is about to deny belongs to, so that the audit can tell.</summary>
    public void Identify(object? principal) => Principal = principal;

    internal void Cancel()
    {
        CancellationTokenSource? source;
        lock (this)
        {
            _cancelled = true;
            source = _cancel;
        }

        source?.Cancel();
    }

    private static TimeSpan Positive(TimeSpan span) => span > TimeSpan.Zero ? span : TimeSpan.FromTicks(1);
}
