namespace Strata.Sandbox;

/// <summary>Lets one at a time work on a blob, and forgets blobs that nobody works on.</summary>
internal sealed class BlobTurns
{
    private readonly Dictionary<Digest, (SemaphoreSlim Turn, int Waiting)> _turns = [];

    /// <summary>Whether somebody works on a blob or waits to.</summary>
    internal bool IsTaken(Digest blob)
    {
        lock (_turns)
        {
            return _turns.ContainsKey(blob);
        }
    }

    /// <summary>Does the work when nobody else does.</summary>
    internal async Task RunAsync(Digest blob, Func<Task> work, CancellationToken cancellation)
    {
        var turn = Join(blob);
        try
        {
            await turn.WaitAsync(cancellation).ConfigureAwait(false);
            try
            {
                await work().ConfigureAwait(false);
            }
            finally
            {
                turn.Release();
            }
        }
        finally
        {
            Leave(blob);
        }
    }

    private SemaphoreSlim Join(Digest blob)
    {
        lock (_turns)
        {
            var (turn, waiting) = _turns.TryGetValue(blob, out var known) ? known : (new SemaphoreSlim(1), 0);
            _turns[blob] = (turn, waiting + 1);
            return turn;
        }
    }

    private void Leave(Digest blob)
    {
        lock (_turns)
        {
            var (turn, waiting) = _turns[blob];
            if (waiting == 1)
            {
                _turns.Remove(blob);
                turn.Dispose();
            }
            else
            {
                _turns[blob] = (turn, waiting - 1);
            }
        }
    }
}
