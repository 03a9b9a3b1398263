namespace Strata.Exec;

/// <summary>A bounded number of programs at once, and a bounded line for them.</summary>
/// <param name="places">How many at once.</param>
/// <param name="whenIdle">Called when the last has left, while none can enter.</param>
internal sealed class RunGate(int places, Action whenIdle) : IDisposable
{
    private readonly Lock _door = new();
    private readonly SemaphoreSlim _places = new(places);
    private int _waiting;
    private int _running;

    /// <summary>Waits for a place.</summary>
    /// <returns>False when the line is full.</returns>
    /// <exception cref="OperationCanceledException">The caller left the line.</exception>
    internal async ValueTask<bool> TryEnterAsync(CancellationToken leaving)
    {
        if (!_places.Wait(0, CancellationToken.None) && !await TryWaitAsync(leaving).ConfigureAwait(false))
        {
            return false;
        }

        lock (_door)
        {
            _running++;
        }

        return true;
    }

    internal void Leave()
    {
        lock (_door)
        {
            if (--_running == 0)
            {
                whenIdle();
            }
        }

        _places.Release();
    }

    public void Dispose() => _places.Dispose();

    private async ValueTask<bool> TryWaitAsync(CancellationToken leaving)
    {
        try
        {
            if (Interlocked.Increment(ref _waiting) > ExecLimits.MaxWaiting)
            {
                return false;
            }

            await _places.WaitAsync(leaving).ConfigureAwait(false);
            return true;
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }
}
