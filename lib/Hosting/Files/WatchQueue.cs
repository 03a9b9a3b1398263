using System.Text;
using System.Text.Unicode;
using System.Threading.Channels;
using Strata.Contracts;
using Strata.Linux;

namespace Strata.Hosting;

/// <summary>One holder's watch: what it has not taken yet, up to a bound.</summary>
/// <param name="maxPending">The bound; further changes are lost, which the holder is told.</param>
internal sealed class WatchQueue(int maxPending)
{
    /// <summary>Most changes of one part; with the longest names, every byte of them escaped, they fit a frame.</summary>
    internal const int PartEvents = 256;

    private readonly Channel<FileEvent> _events =
        Channel.CreateBounded<FileEvent>(new BoundedChannelOptions(maxPending) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private int _lost;

    /// <summary>Number of the watch in the kernel, which several holders of one place share.</summary>
    internal int Number { get; set; } = -1;

    /// <summary>Whether the place is gone; otherwise an end was the holder's.</summary>
    internal bool IsGone { get; private set; }

    /// <summary>Waits for changes; false when there are no more.</summary>
    internal ValueTask<bool> WaitAsync(CancellationToken cancellation) => _events.Reader.WaitToReadAsync(cancellation);

    /// <summary>Takes what there is, up to a bound.</summary>
    internal FileEvents Take()
    {
        var lost = TakeLost();
        var events = new List<FileEvent>();
        while (events.Count < PartEvents && _events.Reader.TryRead(out var next))
        {
            events.Add(next);
        }

        return new FileEvents(events, lost);
    }

    /// <summary>Whether changes were lost since this was last asked.</summary>
    internal bool TakeLost() => Interlocked.Exchange(ref _lost, 0) == 1;

    /// <summary>Changes were lost.</summary>
    internal void Lose() => Interlocked.Exchange(ref _lost, 1);

    /// <summary>Nothing more comes.</summary>
    internal void End() => _events.Writer.TryComplete();

    /// <summary>Told by the watching thread.</summary>
    internal void Tell(in WatchedChange change)
    {
        var isDirectory = (change.Changes & WatchedChanges.IsDirectory) != 0;
        if ((change.Changes & (WatchedChanges.SelfRemoved | WatchedChanges.SelfMoved | WatchedChanges.Unmounted | WatchedChanges.Ended)) != 0)
        {
            IsGone = true;
            _ = _events.Writer.TryWrite(new FileEvent("gone", IsDir: isDirectory));
            _events.Writer.TryComplete();
            return;
        }

        var name = change.Name.IsEmpty ? null : Encoding.UTF8.GetString(change.Name);
        var raw = change.Name.IsEmpty || Utf8.IsValid(change.Name) ? default(ReadOnlyMemory<byte>?) : change.Name.ToArray();
        var cookie = change.Cookie == 0 ? default(long?) : change.Cookie;
        if (WordOf(change.Changes) is { } word && !_events.Writer.TryWrite(new FileEvent(word, name, isDirectory, cookie, raw)))
        {
            Lose();
        }
    }

    private static string? WordOf(WatchedChanges changes) => (changes & WatchedChanges.Wanted) switch
    {
        WatchedChanges.Made => "made",
        WatchedChanges.Modified => "changed",
        WatchedChanges.ClosedAfterWriting => "written",
        WatchedChanges.Removed => "removed",
        WatchedChanges.MovedFrom => "moved_from",
        WatchedChanges.MovedTo => "moved_to",
        WatchedChanges.Status => "status",
        _ => null,
    };
}
