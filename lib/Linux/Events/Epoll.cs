using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>An epoll(7) instance: waits for any of many descriptors at a cost that does not grow with their number.</summary>
/// <remarks>Adding, modifying and removing is safe from any thread; dispose only after the waiting thread has returned.</remarks>
public sealed unsafe class Epoll : IDisposable
{
    /// <summary>The most events one <see cref="Wait"/> delivers; the rest come with the next call.</summary>
    public const int MaxEventsPerWait = 256;

    // struct epoll_event is packed on x86-64 alone: 4 bytes of events, then 8 of data, 12 in all. Elsewhere the data is aligned, 16 in all.
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int EventBytes = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    /// <summary>Makes an instance, close-on-exec.</summary>
    /// <exception cref="LinuxException">No descriptor is left.</exception>
    public Epoll() =>
        Handle = new FileDescriptor(LinuxException.Check(Libc.Result(Libc.epoll_create1(Libc.EPOLL_CLOEXEC)), "epoll_create1"));

    /// <summary>The instance's own descriptor; it can be watched by another instance.</summary>
    public FileDescriptor Handle { get; }

    /// <summary>Starts watching.</summary>
    /// <param name="descriptor">An open descriptor; regular files answer EPERM.</param>
    /// <param name="events">What to wait for.</param>
    /// <param name="userData">Comes back with each event.</param>
    /// <returns>0, or a negated <see cref="Errno"/> (EEXIST: already watched; ENOSPC: the user's limit of watches is reached).</returns>
    public int TryAdd(int descriptor, EpollEvents events, ulong userData) => Control(Libc.EPOLL_CTL_ADD, descriptor, events, userData);

    /// <summary>Replaces what is awaited and the user data.</summary>
    /// <param name="descriptor">A watched descriptor.</param>
    /// <param name="events">What to wait for from now on.</param>
    /// <param name="userData">Comes back with each event.</param>
    /// <returns>0, or a negated <see cref="Errno"/> (ENOENT: not watched).</returns>
    public int TryModify(int descriptor, EpollEvents events, ulong userData) => Control(Libc.EPOLL_CTL_MOD, descriptor, events, userData);

    /// <summary>Stops watching. Do it before closing: a duplicate elsewhere would keep the watch alive.</summary>
    /// <param name="descriptor">A watched descriptor.</param>
    /// <returns>0, or a negated <see cref="Errno"/>.</returns>
    public int TryRemove(int descriptor) => Control(Libc.EPOLL_CTL_DEL, descriptor, EpollEvents.None, 0);

    /// <summary><see cref="TryAdd"/> for the cases in which a failure is a bug or exhaustion.</summary>
    /// <param name="descriptor">An open descriptor.</param>
    /// <param name="events">What to wait for.</param>
    /// <param name="userData">Comes back with each event.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Add(int descriptor, EpollEvents events, ulong userData) =>
        LinuxException.Check(TryAdd(descriptor, events, userData), "epoll_ctl(ADD)");

    /// <summary>Waits until something is ready.</summary>
    /// <param name="ready">Filled from the start; at most <see cref="MaxEventsPerWait"/> entries are used. Must not be empty.</param>
    /// <param name="timeoutMs">Milliseconds to wait: 0 only looks, -1 waits without end.</param>
    /// <returns>How many entries are filled. 0 when time ran out or a signal interrupted: look at the clock and wait again.</returns>
    /// <exception cref="LinuxException">The instance is closed.</exception>
    [SkipLocalsInit]
    public int Wait(Span<EpollReady> ready, int timeoutMs)
    {
        int limit = Math.Min(ready.Length, MaxEventsPerWait);
        byte* events = stackalloc byte[MaxEventsPerWait * 16];
        int count = Libc.Result(Libc.epoll_wait(Handle.Number, events, limit, timeoutMs));
        if (count < 0)
        {
            return count == -Errno.EINTR ? 0 : throw new LinuxException(count, "epoll_wait");
        }

        for (int i = 0; i < count; i++)
        {
            byte* record = events + (i * EventBytes);
            ready[i] = new EpollReady(
                (EpollEvents)Unsafe.ReadUnaligned<uint>(record), Unsafe.ReadUnaligned<ulong>(record + DataOffset));
        }

        return count;
    }

    /// <summary>Closes the instance; the watched descriptors stay open.</summary>
    public void Dispose() => Handle.Dispose();

    private int Control(int operation, int descriptor, EpollEvents events, ulong userData)
    {
        byte* record = stackalloc byte[16];
        Unsafe.WriteUnaligned(record, (uint)events);
        Unsafe.WriteUnaligned(record + DataOffset, userData);
        return Libc.Result(Libc.epoll_ctl(Handle.Number, operation, descriptor, record));
    }
}
