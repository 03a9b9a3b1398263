using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>Where a program's input goes in: a pipe or a terminal that takes what it has room for.</summary>
internal sealed class InputEnd : IDisposable
{
    private readonly WatchedPipe _watch;
    private readonly Wakeup _room = new();
    private readonly SemaphoreSlim _turn = new(1);

    /// <param name="loop">Waits for room.</param>
    /// <param name="writer">The end that writes, non-blocking; owned from here on.</param>
    internal InputEnd(DescriptorLoop loop, FileDescriptor writer) => _watch = loop.Watch(writer, EpollEvents.Writable, _room.Set);

    /// <summary>Writes all, behind what was to be written before; false when nobody reads it any more.</summary>
    internal async Task<bool> WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            using var ends = cancellation.UnsafeRegister(static room => ((Wakeup)room!).Set(), _room);
            while (!bytes.IsEmpty)
            {
                cancellation.ThrowIfCancellationRequested();
                var count = _watch.TryWrite(bytes.Span);
                if (count == -Errno.EAGAIN)
                {
                    _watch.Arm();
                    await _room.WaitAsync().ConfigureAwait(false);
                }
                else if (count < 0 && count != -Errno.EINTR)
                {
                    return false;
                }

                bytes = bytes[Math.Max(count, 0)..];
            }

            return true;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Closes it, once what was to be written before is.</summary>
    internal async Task CloseAsync(CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        _watch.Dispose();
        _turn.Release();
    }

    /// <summary>Closes it; who waits for room is told that nobody reads.</summary>
    public void Dispose()
    {
        _watch.Dispose();
        _room.Set();
    }
}
