using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>Where one output of a program comes out.</summary>
internal sealed class OutputEnd : IDisposable
{
    /// <summary>What a pipe may hold, so that a program that prints much and its reader take turns less often.</summary>
    internal const int PipeBytes = 1024 * 1024;

    private readonly WatchedPipe _watch;
    private readonly FileDescriptor _reader;

    /// <param name="loop">Waits for it.</param>
    /// <param name="reader">The end that reads, non-blocking; owned from here on.</param>
    /// <param name="wake">Woken when there is something to read, or the end.</param>
    internal OutputEnd(DescriptorLoop loop, FileDescriptor reader, Wakeup wake)
    {
        // Refused beyond what the system allows a user: then it holds what it holds.
        _ = Descriptors.TrySetPipeSize(reader.Number, PipeBytes);
        _reader = reader;
        _watch = loop.Watch(reader, EpollEvents.Readable, wake.Set);
    }

    /// <summary>Whether everybody who could write has gone, and all was read.</summary>
    internal bool HasEnded { get; private set; }

    /// <summary>Whether nobody ever opened the other end, as far as the last read could tell.</summary>
    internal bool WasNeverOpened { get; private set; }

    /// <summary>Bytes read so far.</summary>
    internal long Total { get; private set; }

    /// <summary>Reads what is there; 0 when nothing is, now or for good.</summary>
    internal int Read(Span<byte> buffer)
    {
        if (HasEnded || buffer.IsEmpty)
        {
            return 0;
        }

        int count = TryRead(buffer);
        // A FIFO reads as ended also before anybody has opened it. Whoever has gone meanwhile may have written before.
        bool isUntouched = count == 0 && Total == 0;
        bool hasHungUp = isUntouched && _watch.HasHungUp();
        if (hasHungUp)
        {
            count = TryRead(buffer);
        }

        WasNeverOpened = isUntouched && !hasHungUp;
        // A terminal whose programs have all gone answers EIO.
        HasEnded = (count == 0 && !WasNeverOpened) || (count < 0 && count != -Errno.EAGAIN);
        Total += Math.Max(count, 0);
        return Math.Max(count, 0);
    }

    /// <summary>Wakes again when there is more.</summary>
    internal void Arm()
    {
        if (!HasEnded)
        {
            _watch.Arm();
        }
    }

    /// <summary>A second descriptor of it, for whoever goes on reading; null when it has ended.</summary>
    internal FileDescriptor? Duplicate() => HasEnded || WasNeverOpened ? null : FileDescriptor.Duplicate(_reader.Number);

    public void Dispose() => _watch.Dispose();

    private int TryRead(Span<byte> buffer)
    {
        int count;
        do
        {
            count = _watch.TryRead(buffer);
        }
        while (count == -Errno.EINTR);
        return count;
    }
}
