using System.Threading.Channels;

namespace Strata.Identity;

/// <summary>What waits for the disk. Whatever comes in while a batch is being synced becomes the next one: many at once cost one sync.</summary>
/// <param name="maxWaiting">The most that may wait.</param>
/// <param name="maxBatch">The most that is written at once.</param>
internal sealed class BatchQueue<T>(int maxWaiting, int maxBatch)
{
    private readonly Channel<T> _waiting = Channel.CreateBounded<T>(new BoundedChannelOptions(maxWaiting) { SingleReader = true });

    /// <summary>Whether nothing is taken in and nothing waits any more.</summary>
    internal bool HasEnded => _waiting.Reader.Completion.IsCompleted;

    /// <summary>Takes one more; false when too many wait, or the queue takes none any more.</summary>
    internal bool TryAdd(T item) => _waiting.Writer.TryWrite(item);

    /// <summary>The next batch, of what waits now.</summary>
    internal List<T> Take()
    {
        var batch = new List<T>();
        while (batch.Count < maxBatch && _waiting.Reader.TryRead(out var item))
        {
            batch.Add(item);
        }

        return batch;
    }

    /// <summary>Has batches written until cancelled, then takes nothing in any more and refuses what is left.</summary>
    /// <param name="write">Takes a batch and writes it.</param>
    /// <param name="refuse">Told what will not be written, as the service stops.</param>
    /// <param name="cancellation">Ends it.</param>
    internal async Task RunAsync(Action write, Action<List<T>> refuse, CancellationToken cancellation)
    {
        try
        {
            while (await _waiting.Reader.WaitToReadAsync(cancellation).ConfigureAwait(false))
            {
                write();
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The service stops; what is left was never acknowledged.
        }
        finally
        {
            _waiting.Writer.TryComplete();
            while (Take() is { Count: > 0 } left)
            {
                refuse(left);
            }
        }
    }
}
