using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>Calls that work on any descriptor. Each answers a result of at least 0, or a negated <see cref="Errno"/>.</summary>
public static unsafe class Descriptors
{
    /// <summary>Reads what is there; 0 means the end. Blocks only when the descriptor does.</summary>
    /// <param name="descriptor">An open descriptor.</param>
    /// <param name="buffer">Where the bytes go.</param>
    public static int TryRead(int descriptor, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            return Libc.Result(Libc.read(descriptor, start, (nuint)buffer.Length));
        }
    }

    /// <summary>Writes as much as is taken, possibly less than given.</summary>
    /// <param name="descriptor">An open descriptor.</param>
    /// <param name="bytes">The bytes.</param>
    public static int TryWrite(int descriptor, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            return Libc.Result(Libc.write(descriptor, start, (nuint)bytes.Length));
        }
    }

    /// <summary>Closes a number whose owner is the caller. Never retry: the number is free whatever the answer.</summary>
    /// <param name="descriptor">An open descriptor owned by the caller.</param>
    public static int TryClose(int descriptor) => Libc.Result(Libc.close(descriptor));

    /// <summary>Duplicates with close-on-exec to the lowest free number that is at least <paramref name="atLeast"/>.</summary>
    /// <param name="descriptor">An open descriptor.</param>
    /// <param name="atLeast">The lowest number wanted.</param>
    public static int TryDuplicate(int descriptor, int atLeast) =>
        Libc.Result(Libc.fcntl(descriptor, Libc.F_DUPFD_CLOEXEC, atLeast));

    /// <summary>Switches O_NONBLOCK on or off for the open file behind the descriptor.</summary>
    /// <param name="descriptor">An open descriptor.</param>
    /// <param name="nonBlocking">The state wanted.</param>
    public static int TrySetNonBlocking(int descriptor, bool nonBlocking)
    {
        int flags = Libc.Result(Libc.fcntl(descriptor, Libc.F_GETFL, 0));
        if (flags < 0)
        {
            return flags;
        }

        int wanted = nonBlocking ? flags | Libc.O_NONBLOCK : flags & ~Libc.O_NONBLOCK;
        return wanted == flags ? 0 : Libc.Result(Libc.fcntl(descriptor, Libc.F_SETFL, wanted));
    }

    /// <summary>Lets a pipe hold more, so that writer and reader take turns less often. Without effect beyond what the system allows a user.</summary>
    /// <param name="pipe">Either end.</param>
    /// <param name="bytes">How much; rounded up to a power of two.</param>
    public static int TrySetPipeSize(int pipe, int bytes) => Libc.Result(Libc.fcntl(pipe, Libc.F_SETPIPE_SZ, bytes));

    /// <summary>Whether everybody on the other side has closed it; false also while nobody has ever opened that side of a FIFO.</summary>
    /// <param name="descriptor">The reading end of a pipe or FIFO.</param>
    public static bool HasHungUp(int descriptor)
    {
        var request = new Libc.PollRequest { Descriptor = descriptor };
        return Libc.poll(&request, 1, 0) == 1 && (request.Happened & Libc.POLLHUP) != 0;
    }

    /// <summary>Marks one descriptor close-on-exec.</summary>
    /// <param name="descriptor">An open descriptor.</param>
    public static int TrySetCloseOnExec(int descriptor) =>
        Libc.Result(Libc.fcntl(descriptor, Libc.F_SETFD, Libc.FD_CLOEXEC));

    /// <summary>Lets one descriptor stay open through exec.</summary>
    /// <param name="descriptor">An open descriptor.</param>
    public static int TryClearCloseOnExec(int descriptor) => Libc.Result(Libc.fcntl(descriptor, Libc.F_SETFD, 0));

    /// <summary>Whether the descriptor is closed by exec: 1, 0, or a negated error.</summary>
    /// <param name="descriptor">A descriptor number.</param>
    public static int TryGetCloseOnExec(int descriptor)
    {
        int flags = Libc.Result(Libc.fcntl(descriptor, Libc.F_GETFD, 0));
        return flags < 0 ? flags : flags & Libc.FD_CLOEXEC;
    }

    /// <summary>Marks every descriptor from <paramref name="first"/> upwards close-on-exec: what a careless launcher leaked to us stops here.</summary>
    /// <param name="first">The first number to mark; 3 leaves standard input and output alone.</param>
    public static int TrySetCloseOnExecFrom(int first) =>
        Libc.Result(Libc.close_range((uint)first, uint.MaxValue, Libc.CLOSE_RANGE_CLOEXEC));
}
