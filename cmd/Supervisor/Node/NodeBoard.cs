namespace Strata.Supervisor;

/// <summary>Where the loop publishes the node and everybody else reads it.</summary>
/// <param name="first">The node before anything happened.</param>
internal sealed class NodeBoard(NodeSnapshot first)
{
    private NodeSnapshot _current = first;
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>The latest snapshot.</summary>
    internal NodeSnapshot Current => Volatile.Read(ref _current);

    /// <summary>Publishes; wakes the waiting only when the event log has grown, for then alone there is something to see.</summary>
    internal void Publish(NodeSnapshot next)
    {
        var news = next.State.Log.LastSequence != _current.State.Log.LastSequence;
        Volatile.Write(ref _current, next);
        if (news)
        {
            Interlocked.Exchange(ref _changed, NewSignal()).TrySetResult();
        }
    }

    /// <summary>Looks at the present and every later snapshot until something is found.</summary>
    /// <param name="look">Answers null to go on waiting.</param>
    /// <param name="cancellation">Ends the wait.</param>
    internal async Task<T> FindAsync<T>(Func<NodeSnapshot, T?> look, CancellationToken cancellation)
        where T : class
    {
        while (true)
        {
            // Taken before the look: a change in between completes this very signal.
            var changed = Volatile.Read(ref _changed).Task;
            if (look(Current) is { } found)
            {
                return found;
            }

            await changed.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
