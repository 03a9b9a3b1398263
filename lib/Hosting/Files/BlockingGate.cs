namespace Strata.Hosting;

/// <summary>
/// Where calls wait for a file system: on pool threads, a bounded number at once. A hung mount then holds these threads and
/// no more: neither the loops nor the pool that everything else runs on.
/// </summary>
internal sealed class BlockingGate(int maxCalls) : IDisposable
{
    private readonly SemaphoreSlim _places = new(maxCalls);

    /// <summary>Runs work that may block.</summary>
    /// <param name="work">The work.</param>
    /// <param name="waitEnds">Asked only when there is a line: ends the wait for a place.</param>
    internal async ValueTask<T> RunAsync<T>(Func<T> work, Func<CancellationToken> waitEnds)
    {
        if (!_places.Wait(0, CancellationToken.None))
        {
            await _places.WaitAsync(waitEnds()).ConfigureAwait(false);
        }

        try
        {
            return await Task.Run(work).ConfigureAwait(false);
        }
        finally
        {
            _places.Release();
        }
    }

    public void Dispose() => _places.Dispose();
}
