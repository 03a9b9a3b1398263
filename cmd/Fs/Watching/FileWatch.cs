using Strata.Hosting;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Fs;

/// <summary>One holder's watch. A handle like any other, so it ends with its capability.</summary>
internal sealed class FileWatch : OpenFile
{
    private readonly Action<WatchQueue> _ended;

    // The descriptor stands for nothing: what is watched is not held open, or its end would not be told.
    internal FileWatch(CapabilityClaims claims, string path, int maxPending, Action<WatchQueue> ended)
        : base(new EventFd().Handle, claims, path)
    {
        Queue = new WatchQueue(maxPending);
        _ended = ended;
        Access = 0;
    }

    /// <summary>What was not taken yet.</summary>
    internal WatchQueue Queue { get; }

    protected override void OnClosed()
    {
        Queue.End();
        _ended(Queue);
    }
}
