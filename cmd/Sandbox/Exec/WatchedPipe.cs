using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>One descriptor of a <see cref="DescriptorLoop"/>. Fires once each time it is armed; disposal closes the descriptor.</summary>
internal sealed class WatchedPipe(DescriptorLoop loop, ulong id, FileDescriptor descriptor, EpollEvents events, Action ready) : IDisposable
{
    private readonly Lock _lock = new();
    private bool _wasArmed;
    private bool _closed;

    /// <summary>Reads what is there; EBADF once it is disposed.</summary>
    internal int TryRead(Span<byte> buffer)
    {
        lock (_lock)
        {
            return _closed ? -Errno.EBADF : Descriptors.TryRead(descriptor.Number, buffer);
        }
    }

    /// <summary>Writes what there is room for; EBADF once it is disposed.</summary>
    internal int TryWrite(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            return _closed ? -Errno.EBADF : Descriptors.TryWrite(descriptor.Number, bytes);
        }
    }

    /// <summary>Whether the other side is closed.</summary>
    internal bool HasHungUp()
    {
        lock (_lock)
        {
            return _closed || Descriptors.HasHungUp(descriptor.Number);
        }
    }

    /// <summary>Waits for the next time it is ready, which may be at once.</summary>
    internal void Arm()
    {
        lock (_lock)
        {
            if (!_closed)
            {
                var result = loop.TryArm(descriptor.Number, events | EpollEvents.OneShot, id, !_wasArmed);
                _wasArmed = result >= 0 ? true : throw new LinuxException(result, "epoll_ctl");
            }
        }
    }

    internal void Fire()
    {
        lock (_lock)
        {
            if (!_closed)
            {
                ready();
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (!_closed)
            {
                _closed = true;
                loop.Forget(descriptor.Number, id, _wasArmed);
                descriptor.Dispose();
            }
        }
    }
}
