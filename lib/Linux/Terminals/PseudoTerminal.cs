using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>Terminals of any devpts: pts(4).</summary>
public static unsafe class PseudoTerminal
{
    /// <summary>The most rows or columns.</summary>
    public const int MaxSize = ushort.MaxValue;

    private const nuint UnlockPeer = 0x40045431;
    private const nuint GetPeer = 0x5441;
    private const nuint SetSize = 0x5414;

    /// <summary>Makes one.</summary>
    /// <param name="ptmx">The path of a devpts's own ptmx.</param>
    /// <returns>The controlling end, close-on-exec and not blocking.</returns>
    /// <exception cref="LinuxException">ENOSPC: there are no more; ENOENT: there is no devpts.</exception>
    public static FileDescriptor Open(string ptmx)
    {
        fixed (byte* path = Libc.CString(ptmx))
        {
            int result = Libc.Result(Libc.openat(Libc.AT_FDCWD, path, Libc.O_RDWR | Libc.O_NOCTTY | Libc.O_CLOEXEC | Libc.O_NONBLOCK | Libc.O_NOFOLLOW, 0));
            return new FileDescriptor(LinuxException.Check(result, "open", ptmx));
        }
    }

    /// <summary>Opens the other end, which programs have; no path is looked up.</summary>
    /// <param name="controller">From <see cref="Open"/>.</param>
    /// <param name="owner">Whose it is, so that programs can open it by its name as well.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static FileDescriptor OpenPeer(FileDescriptor controller, uint owner)
    {
        int locked = 0;
        LinuxException.Check(Libc.Result(Libc.ioctl(controller.Number, UnlockPeer, &locked)), "ioctl(TIOCSPTLCK)");
        var peer = new FileDescriptor(LinuxException.Check(Libc.Result(Libc.ioctl(controller.Number, GetPeer, Libc.O_RDWR | Libc.O_NOCTTY | Libc.O_CLOEXEC)), "ioctl(TIOCGPTPEER)"));
        int owned = Libc.Result(Libc.fchown(peer.Number, owner, uint.MaxValue));
        if (owned < 0)
        {
            peer.Dispose();
            throw new LinuxException(owned, "fchown", "a terminal");
        }

        return peer;
    }

    /// <summary>Sets its size; its foreground programs are told by SIGWINCH.</summary>
    /// <param name="controller">From <see cref="Open"/>.</param>
    /// <param name="rows">1 to <see cref="MaxSize"/>.</param>
    /// <param name="columns">1 to <see cref="MaxSize"/>.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Resize(FileDescriptor controller, int rows, int columns)
    {
        ushort* size = stackalloc ushort[] { (ushort)Math.Clamp(rows, 1, MaxSize), (ushort)Math.Clamp(columns, 1, MaxSize), 0, 0 };
        LinuxException.Check(Libc.Result(Libc.ioctl(controller.Number, SetSize, size)), "ioctl(TIOCSWINSZ)");
    }
}
