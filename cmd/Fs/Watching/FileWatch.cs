using System.Text;
using System.Text.Unicode;
using System.Threading.Channels;
using Strata.Contracts;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Fs;

/// <summary>One holder's watch: what it has not taken yet, up to a bound. A handle like any other, so it ends with its capability.</summary>
internal sealed class FileWatch : OpenFile
{
    private readonly Channel<FileEvent> _events;
    private readonly Action<FileWatch> _ended;
    private int _lost;

    // The descriptor stands for nothing: what is watched is not held open, or its end would not be told.
    internal FileWatch(CapabilityClaims claims, string path, int maxPending, Action<FileWatch> ended)
        : base(new EventFd().Handle, claims, path)
    {
        _events = Channel.CreateBounded<FileEvent>(new BoundedChannelOptions(maxPending) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
        _ended = ended;
        Access = 0;
    }

    /// <summary>Number of the watch in the kernel, which several holders of one place share.</summary>
    internal int Number { get; set; } = -1;

    internal ChannelReader<FileEvent> Events => _events.Reader;

    /// <summary>Whether the place is gone; otherwise an end is that of the capability.</summary>
    internal bool IsGone { get; private set; }

    /// <summary>Whether changes were lost since this was last asked.</summary>
    internal bool TakeLost() => Interlocked.Exchange(ref _lost, 0) == 1;

    /// <summary>Changes were lost.</summary>
    internal void Lose() => Interlocked.Exchange(ref _lost, 1);

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

    protected override void OnClosed()
    {
        _events.Writer.TryComplete();
        _ended(this);
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
