using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>
/// What the kernel tells of denied system calls on this machine, by its audit's multicast group. Nobody waits for whoever listens: the denial is the
/// kernel's alone, and stays one when nobody is there.
/// </summary>
public sealed unsafe class DenialFeed : IDisposable
{
    private const int AF_NETLINK = 16;
    private const int SOCK_RAW = 3;
    private const int NETLINK_AUDIT = 9;
    private const int SO_ATTACH_FILTER = 26;
    private const uint ReadLogGroup = 1;
    private const int HeaderBytes = 16;
    private const int MaxRecordBytes = 8192;
    private const uint SeccompTypeAsLoaded = 0x2E05; // 1326 as the header holds it, read as the filter's machine reads: with the high byte first.

    private DenialFeed(FileDescriptor handle) => Handle = handle;

    /// <summary>Readable when something has been denied.</summary>
    public FileDescriptor Handle { get; }

    /// <summary>Begins to listen; null, with the reason, where this process may not: it takes root and CAP_AUDIT_READ, and the machine's own network.</summary>
    /// <param name="fault">Why not.</param>
    public static DenialFeed? TryOpen(out string? fault)
    {
        int opened = Libc.Result(Libc.socket(AF_NETLINK, SOCK_RAW | Libc.SOCK_CLOEXEC | Libc.SOCK_NONBLOCK, NETLINK_AUDIT));
        if (opened < 0)
        {
            fault = new LinuxException(opened, "socket", "the kernel's audit").Message;
            return null;
        }

        var handle = new FileDescriptor(opened);
        int result = OnlySeccomp(opened);
        result = result < 0 ? result : Join(opened);
        fault = result < 0 ? new LinuxException(result, "bind", "the kernel's audit").Message : null;
        if (result >= 0)
        {
            return new DenialFeed(handle);
        }

        handle.Dispose();
        return null;
    }

    /// <summary>Takes the next one.</summary>
    /// <param name="denied">The call when the result is 1 and the record could be read.</param>
    /// <returns>1; 0 when nothing more is there; -ENOBUFS when some were lost because they came faster than they were taken; or another negated <see cref="Errno"/>.</returns>
    public int TryReceive(out DeniedCall? denied)
    {
        denied = null;
        byte* buffer = stackalloc byte[MaxRecordBytes];
        int count = Libc.Result(Libc.recv(Handle.Number, buffer, MaxRecordBytes, Libc.MSG_DONTWAIT));
        if (count is -Errno.EAGAIN or -Errno.EINTR)
        {
            return 0;
        }

        denied = count > HeaderBytes ? DeniedCall.Parse(new ReadOnlySpan<byte>(buffer + HeaderBytes, count - HeaderBytes)) : null;
        return count < 0 ? count : 1;
    }

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();

    /// <summary>Lets nothing else in, so that a machine that audits much does not wake whoever waits here for little.</summary>
    private static int OnlySeccomp(int socket)
    {
        Libc.FilterInstruction* instructions = stackalloc Libc.FilterInstruction[]
        {
            new(0x28, 0, 0, 4), new(0x15, 0, 1, SeccompTypeAsLoaded), new(0x06, 0, 0, uint.MaxValue), new(0x06, 0, 0, 0),
        };
        var program = new Libc.FilterProgram { Length = 4, Instructions = instructions };
        return Libc.Result(Libc.setsockopt(socket, Libc.SOL_SOCKET, SO_ATTACH_FILTER, &program, (uint)sizeof(Libc.FilterProgram)));
    }

    private static int Join(int socket)
    {
        uint* address = stackalloc uint[] { AF_NETLINK, 0, ReadLogGroup };
        return Libc.Result(Libc.bind(socket, (byte*)address, 3 * sizeof(uint)));
    }
}
