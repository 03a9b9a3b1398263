namespace Strata.Sandbox;

/// <summary>Lets one waiter go on whenever something may have changed. What is set while nobody waits is not lost.</summary>
internal sealed class Wakeup
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _waiter;
    private bool _isSet;

    /// <summary>Wakes the waiter, who goes on on this very thread: a command's way back has no thread to change.</summary>
    internal void Set()
    {
        TaskCompletionSource? waiter;
        lock (_lock)
        {
            (waiter, _waiter) = (_waiter, null);
            _isSet = waiter is null;
        }

        waiter?.SetResult();
    }

    /// <summary>Waits until it is set, and unsets it. One waiter at a time.</summary>
    internal Task WaitAsync()
    {
        lock (_lock)
        {
            if (_isSet)
            {
                _isSet = false;
                return Task.CompletedTask;
            }

            _waiter = new TaskCompletionSource();
            return _waiter.Task;
        }
    }
}
