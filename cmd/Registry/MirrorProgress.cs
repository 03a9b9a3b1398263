namespace Strata.Registry;

/// <summary>
/// How far the supervisor's copy of the table has come. An entry that it does not have yet would be lost with this process, so a
/// change is confirmed to its caller only once the supervisor has taken it.
/// </summary>
internal sealed class MirrorProgress(TimeProvider time)
{
    /// <summary>Longest time that a confirmation waits; the change stands all the same, and the supervisor takes it when it comes.</summary>
    internal static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(1);

    private readonly Lock _changing = new();
    private readonly List<(long Seq, TaskCompletionSource Reached)> _waiting = [];
    private long _taken = -1;

    /// <summary>Notes that the supervisor has everything up to a change.</summary>
    internal void Took(long seq)
    {
        lock (_changing)
        {
            _taken = Math.Max(_taken, seq);
            foreach (var (_, reached) in _waiting.Where(w => w.Seq <= _taken))
            {
                reached.SetResult();
            }

            _waiting.RemoveAll(w => w.Seq <= _taken);
        }
    }

    /// <summary>Waits until the supervisor has a change, at most <see cref="MaxWait"/>.</summary>
    internal async ValueTask ReachesAsync(long seq, CancellationToken cancellation)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_changing)
        {
            if (seq <= _taken)
            {
                return;
            }

            _waiting.Add((seq, reached));
        }

        try
        {
            await reached.Task.WaitAsync(MaxWait, time, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The supervisor is late or away; what it misses now it finds in its next snapshot, unless this process dies first.
        }
        finally
        {
            lock (_changing)
            {
                _waiting.RemoveAll(w => w.Reached == reached);
            }
        }
    }
}
