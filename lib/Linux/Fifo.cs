using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>
/// Both ends of a named pipe. Whoever holds the writing end holds it for reading as well, so that its writes wait, and are not answered by SIGPIPE, while
/// nobody reads; the next reader opens the name and goes on where the last one ended.
/// </summary>
public static unsafe class Fifo
{
    /// <summary>Makes a FIFO that only we can open; one left under that name is replaced.</summary>
    /// <param name="directory">Its directory.</param>
    /// <param name="name">A plain file name.</param>
    /// <exception cref="LinuxException">EEXIST when something other than a FIFO is there that cannot be removed, EMFILE, ...</exception>
    public static (FileDescriptor Reader, FileDescriptor Writer) Create(FileDescriptor directory, string name)
    {
        fixed (byte* path = DurableFile.FileName(name))
        {
            _ = Libc.unlinkat(directory.Number, path, 0);
            LinuxException.Check(Libc.Result(Libc.mknodat(directory.Number, path, Libc.S_IFIFO | 0x180, 0)), "mkfifo", name);
            var writer = Open(directory, path, Libc.O_RDWR, name);
            try
            {
                return (Open(directory, path, Libc.O_RDONLY | Libc.O_NONBLOCK, name), writer);
            }
            catch
            {
                writer.Dispose();
                throw;
            }
        }
    }

    /// <summary>Makes a FIFO and opens one end of it alone, non-blocking; the other is for whoever opens the name.</summary>
    /// <param name="directory">Its directory, in which nothing of that name is.</param>
    /// <param name="name">A plain file name.</param>
    /// <param name="mode">Exact permission bits, whatever the umask.</param>
    /// <param name="writing">Whether to open the end that writes: its readers then wait for nobody, and find the end when it is closed.</param>
    /// <exception cref="LinuxException">EEXIST, EMFILE, ENOSPC, ...</exception>
    public static FileDescriptor CreateEnd(FileDescriptor directory, string name, int mode, bool writing)
    {
        fixed (byte* path = DurableFile.FileName(name))
        {
            LinuxException.Check(Libc.Result(Libc.mknodat(directory.Number, path, Libc.S_IFIFO | 0x180, 0)), "mkfifo", name);
            // Nobody reads yet, and then an end that only writes could not be opened.
            var end = Open(directory, path, (writing ? Libc.O_RDWR : Libc.O_RDONLY) | Libc.O_NONBLOCK, name);
            LinuxException.Check(Libc.Result(Libc.fchmod(end.Number, (uint)mode)), "fchmod", name);
            return end;
        }
    }

    /// <summary>Opens the reading end, non-blocking, of a FIFO that is there; null when there is none.</summary>
    /// <param name="directory">Its directory.</param>
    /// <param name="name">A plain file name.</param>
    /// <exception cref="LinuxException">No descriptor is left, ...</exception>
    public static FileDescriptor? TryOpenReader(FileDescriptor directory, string name)
    {
        fixed (byte* path = DurableFile.FileName(name))
        {
            int found = FileStatus.TryGet(directory.Number, path, Libc.AT_SYMLINK_NOFOLLOW, out FileStatus status);
            return found < 0 || status.Kind != FileKind.Fifo ? null : Open(directory, path, Libc.O_RDONLY | Libc.O_NONBLOCK, name);
        }
    }

    private static FileDescriptor Open(FileDescriptor directory, byte* path, int flags, string name) =>
        new(LinuxException.Check(Libc.Result(Libc.openat(directory.Number, path, flags | Libc.O_NOFOLLOW | Libc.O_CLOEXEC, 0)), "open", name));
}
