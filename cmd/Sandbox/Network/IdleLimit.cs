namespace Strata.Sandbox;

/// <summary>Ends a connection on which nothing comes any more.</summary>
internal sealed class IdleLimit : IDisposable
{
    private readonly CancellationTokenSource _idle;
    private readonly CancellationTokenSource _either;
    private readonly TimeSpan _longest;

    internal IdleLimit(TimeSpan longest, TimeProvider time, CancellationToken cancellation)
    {
        (_longest, _idle) = (longest, new CancellationTokenSource(longest, time));
        _either = CancellationTokenSource.CreateLinkedTokenSource(_idle.Token, cancellation);
    }

    internal CancellationToken Token => _either.Token;

    /// <summary>Something came.</summary>
    internal void Stir() => _idle.CancelAfter(_longest);

    /// <summary>Ends it at once.</summary>
    internal void End() => _either.Cancel();

    public void Dispose()
    {
        _either.Dispose();
        _idle.Dispose();
    }
}
