namespace Strata.Sandbox;

/// <summary>Ends what hears nothing for too long.</summary>
internal sealed class Silence : IDisposable
{
    private readonly TimeSpan _patience;
    private readonly CancellationTokenSource _timer;
    private readonly CancellationTokenSource _either;

    internal Silence(TimeSpan patience, TimeProvider time, CancellationToken cancellation)
    {
        _patience = patience;
        _timer = new CancellationTokenSource(patience, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_timer.Token, cancellation);
    }

    internal CancellationToken Token => _either.Token;

    /// <summary>Something was heard.</summary>
    internal void Heard() => _timer.CancelAfter(_patience);

    public void Dispose()
    {
        _either.Dispose();
        _timer.Dispose();
    }
}
