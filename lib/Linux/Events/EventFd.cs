using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>A counter that makes an event loop wake: any thread signals, the loop drains.</summary>
public sealed unsafe class EventFd : IDisposable
{
    /// <summary>Makes an unsignalled counter, close-on-exec and non-blocking.</summary>
    /// <exception cref="LinuxException">No descriptor is left.</exception>
    public EventFd() =>
        Handle = new FileDescriptor(LinuxException.Check(Libc.Result(Libc.eventfd(0, Libc.EFD_CLOEXEC | Libc.EFD_NONBLOCK)), "eventfd"));

    /// <summary>The descriptor to watch for <see cref="EpollEvents.Readable"/>.</summary>
    public FileDescriptor Handle { get; }

    /// <summary>Makes the counter readable. Safe from any thread, also while another disposes it.</summary>
    /// <returns>False when the counter is already disposed.</returns>
    public bool Signal()
    {
        // The reference keeps the number ours during the write: a reused number would put eight stray bytes into somebody's stream.
        bool held = false;
        try
        {
            Handle.DangerousAddRef(ref held);
            ulong one = 1;
            // EAGAIN would mean the counter is at its maximum: it is readable then, which is all that is wanted.
            _ = Libc.write(Handle.Number, (byte*)&one, sizeof(ulong));
            return true;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
        finally
        {
            if (held)
            {
                Handle.DangerousRelease();
            }
        }
    }

    /// <summary>Takes all signals since the last call and makes the counter unreadable.</summary>
    /// <returns>How many there were; 0 when none.</returns>
    public ulong Drain()
    {
        ulong count = 0;
        return Libc.read(Handle.Number, (byte*)&count, sizeof(ulong)) == sizeof(ulong) ? count : 0;
    }

    /// <summary>Closes the counter.</summary>
    public void Dispose() => Handle.Dispose();
}
