using System.Collections.Concurrent;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>Tells when descriptors become readable; one thread for all of them.</summary>
internal sealed class DescriptorWatch : IDisposable
{
    private readonly Epoll _epoll = new();
    private readonly EventFd _stop = new();
    private readonly ConcurrentDictionary<ulong, TaskCompletionSource> _waiting = new();
    private readonly Thread _thread;
    private ulong _last;

    internal DescriptorWatch()
    {
        _epoll.Add(_stop.Handle.Number, EpollEvents.Readable, 0);
        _thread = new Thread(Run) { IsBackground = true, Name = "sandbox watch" };
        _thread.Start();
    }

    /// <summary>Completes when the descriptor is readable or at its end. It must stay open until then, and may have one who waits.</summary>
    internal async Task WhenReadableAsync(FileDescriptor descriptor, CancellationToken cancellation)
    {
        ulong id = Interlocked.Increment(ref _last);
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[id] = ready;
        _epoll.Add(descriptor.Number, EpollEvents.Readable | EpollEvents.OneShot, id);
        try
        {
            await ready.Task.WaitAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            _ = _waiting.TryRemove(id, out _);
            _ = _epoll.TryRemove(descriptor.Number);
        }
    }

    /// <summary>Reads what is there, once something is; 0 at the end.</summary>
    internal async Task<int> ReadAsync(FileDescriptor descriptor, Memory<byte> buffer, CancellationToken cancellation)
    {
        while (true)
        {
            int count = Descriptors.TryRead(descriptor.Number, buffer.Span);
            if (count >= 0)
            {
                return count;
            }

            if (count is not (-Errno.EAGAIN or -Errno.EINTR))
            {
                throw new LinuxException(count, "read");
            }

            await WhenReadableAsync(descriptor, cancellation).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        _ = _stop.Signal();
        _thread.Join();
        _epoll.Dispose();
        _stop.Dispose();
    }

    private void Run()
    {
        var ready = new EpollReady[Epoll.MaxEventsPerWait];
        while (true)
        {
            int count = _epoll.Wait(ready, -1);
            foreach (EpollReady one in ready.AsSpan(0, count))
            {
                if (one.UserData == 0)
                {
                    return;
                }

                if (_waiting.TryRemove(one.UserData, out var waiting))
                {
                    waiting.SetResult();
                }
            }
        }
    }
}
