using System.Buffers;
using System.Collections.Concurrent;
using Strata.Linux;

namespace Strata.Supervisor;

/// <summary>
/// The supervisor's standard error, written by a thread of its own from a bounded queue: a terminal or pipe that takes
/// nothing holds up that thread and nobody else. What finds no room is dropped, counted, and told once there is room.
/// </summary>
internal sealed class Echo : IDisposable
{
    /// <summary>Bytes that wait; a line that would exceed them is dropped.</summary>
    internal const int MaxQueuedBytes = 1024 * 1024;

    internal const int StandardError = 2;

    private const int MaxWriteBytes = 64 * 1024;
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(1);

    private readonly BlockingCollection<byte[]> _queue = [];
    private readonly Func<long, byte[]> _describeDropped;
    private readonly int _descriptor;
    private readonly Thread _thread;
    private long _queuedBytes;
    private long _dropped;

    /// <summary>Begins to write.</summary>
    /// <param name="descriptor">Where to.</param>
    /// <param name="describeDropped">The line that tells how many were dropped.</param>
    internal Echo(int descriptor, Func<long, byte[]> describeDropped)
    {
        (_descriptor, _describeDropped) = (descriptor, describeDropped);
        _thread = new Thread(Run) { IsBackground = true, Name = "log echo" };
        _thread.Start();
    }

    /// <summary>Lines dropped that have not been told yet.</summary>
    internal long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Queues whole lines; never blocks.</summary>
    internal void Write(byte[] lines)
    {
        if (Interlocked.Add(ref _queuedBytes, lines.Length) > MaxQueuedBytes || !TryAdd(lines))
        {
            Interlocked.Add(ref _queuedBytes, -lines.Length);
            Interlocked.Increment(ref _dropped);
        }
    }

    /// <summary>Writes what waits, for a bounded time, and ends.</summary>
    public void Dispose()
    {
        _queue.CompleteAdding();
        _ = _thread.Join(EndTimeout);
    }

    private bool TryAdd(byte[] lines)
    {
        try
        {
            return _queue.TryAdd(lines);
        }
        catch (InvalidOperationException)
        {
            // It has ended.
            return false;
        }
    }

    private void Run()
    {
        var bytes = new ArrayBufferWriter<byte>();
        foreach (var first in _queue.GetConsumingEnumerable())
        {
            bytes.Write(first);
            while (bytes.WrittenCount < MaxWriteBytes && _queue.TryTake(out var more))
            {
                bytes.Write(more);
            }

            WriteAll(bytes.WrittenSpan);
            Interlocked.Add(ref _queuedBytes, -bytes.WrittenCount);
            bytes.ResetWrittenCount();
            if (Interlocked.Exchange(ref _dropped, 0) is > 0 and var dropped)
            {
                WriteAll(_describeDropped(dropped));
            }
        }
    }

    private void WriteAll(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var written = Descriptors.TryWrite(_descriptor, bytes);
            if (written == -Errno.EAGAIN)
            {
                AwaitRoom();
            }
            else if (written is < 0 and not -Errno.EINTR)
            {
                // Closed, or a full disk: what cannot be written is gone, the lines are kept elsewhere.
                return;
            }

            bytes = bytes[Math.Max(0, written)..];
        }
    }

    /// <summary>Whoever shares the descriptor may have made it non-blocking.</summary>
    private void AwaitRoom()
    {
        using var epoll = new Epoll();
        if (epoll.TryAdd(_descriptor, EpollEvents.Writable, 0) == 0)
        {
            _ = epoll.Wait(new EpollReady[1], -1);
        }
    }
}
