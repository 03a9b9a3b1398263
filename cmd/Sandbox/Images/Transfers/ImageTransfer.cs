namespace Strata.Sandbox;

/// <summary>One transfer and those who follow it.</summary>
internal sealed class ImageTransfer : IDisposable
{
    private readonly CancellationTokenSource _cancel = new();
    private int _followers = 1;
    private bool _isOver;

    internal ImageTransfer(Func<ImageProgress, CancellationToken, Task<StoredImage>> work) => Result = Task.Run(() => work(Progress, _cancel.Token), CancellationToken.None);

    internal ImageProgress Progress { get; } = new();

    /// <summary>The image once it is stored.</summary>
    internal Task<StoredImage> Result { get; }

    /// <summary>One more follows, unless it ends already.</summary>
    internal bool TryJoin()
    {
        lock (_cancel)
        {
            _followers += _followers > 0 ? 1 : 0;
            return _followers > 0;
        }
    }

    /// <summary>One follows no more; with the last one it ends.</summary>
    internal void Leave()
    {
        lock (_cancel)
        {
            if (--_followers == 0)
            {
                Cancel();
            }
        }
    }

    /// <summary>Ends it and waits until it has.</summary>
    internal async Task CancelAsync()
    {
        Cancel();
        await ((Task)Result).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Called once it has ended.</summary>
    public void Dispose()
    {
        lock (_cancel)
        {
            _isOver = true;
            _cancel.Dispose();
        }
    }

    private void Cancel()
    {
        lock (_cancel)
        {
            if (!_isOver)
            {
                _cancel.Cancel();
            }
        }
    }
}
