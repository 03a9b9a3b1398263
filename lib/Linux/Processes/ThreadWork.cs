namespace Strata.Linux;

/// <summary>What one thread is to do, in turn. It sleeps at once when there is nothing: a thread that first looks again and again takes the processor from whoever was just started.</summary>
/// <param name="most">The most that may wait.</param>
internal sealed class ThreadWork(int most)
{
    private readonly Queue<Action> _actions = new();
    private bool _ended;

    /// <summary>Adds something to be done; false when as much waits as may, or there is no more to be.</summary>
    internal bool TryAdd(Action action)
    {
        lock (_actions)
        {
            if (_ended || _actions.Count >= most)
            {
                return false;
            }

            _actions.Enqueue(action);
            Monitor.Pulse(_actions);
            return true;
        }
    }

    /// <summary>Takes nothing more; what waits is still done.</summary>
    /// <returns>False when that was said before.</returns>
    internal bool End()
    {
        lock (_actions)
        {
            var first = !_ended;
            _ended = true;
            Monitor.Pulse(_actions);
            return first;
        }
    }

    /// <summary>Does it all, until the end.</summary>
    internal void Run()
    {
        while (Take() is { } action)
        {
            action();
        }
    }

    private Action? Take()
    {
        lock (_actions)
        {
            Action? action;
            while (!_actions.TryDequeue(out action) && !_ended)
            {
                Monitor.Wait(_actions);
            }

            return action;
        }
    }
}
