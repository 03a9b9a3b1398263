using System.Globalization;
using System.Text;
using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>An exclusive lock on a file, held until disposal or the end of the process, even by kill -9. Children do not inherit it (close-on-exec).</summary>
/// <remarks>The file is never unlinked: a lock on an unlinked file would exclude nobody.</remarks>
public sealed unsafe class FileLock : IDisposable
{
    private readonly FileDescriptor _file;

    private FileLock(FileDescriptor file) => _file = file;

    /// <summary>Tries once, without waiting; writes our pid into the file for people and for <see cref="TryReadHolder"/>.</summary>
    /// <param name="directory">The directory, open in any way.</param>
    /// <param name="name">A plain file name; made with mode 0600 when it is missing; a link is refused.</param>
    /// <returns>The lock, or null when somebody else holds it.</returns>
    /// <exception cref="LinuxException">The file cannot be opened.</exception>
    public static FileLock? TryAcquire(FileDescriptor directory, string name)
    {
        var file = Open(directory, name);
        int locked = Libc.Result(Libc.flock(file.Number, Libc.LOCK_EX | Libc.LOCK_NB));
        if (locked < 0)
        {
            file.Dispose();
            return locked == -Errno.EAGAIN ? null : throw new LinuxException(locked, "flock", name);
        }

        // The pid only informs; the lock itself excludes. So a full disk is no reason to fail.
        _ = Libc.ftruncate(file.Number, 0);
        _ = DurableFile.WriteAll(file.Number, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}\n")));
        return new FileLock(file);
    }

    /// <summary>Waits for the lock, which everybody holds for moments only; writes no pid.</summary>
    /// <param name="directory">The directory, open in any way.</param>
    /// <param name="name">As for <see cref="TryAcquire"/>.</param>
    /// <exception cref="LinuxException">The file cannot be opened or locked.</exception>
    public static FileLock Acquire(FileDescriptor directory, string name)
    {
        var file = Open(directory, name);
        int locked;
        do
        {
            locked = Libc.Result(Libc.flock(file.Number, Libc.LOCK_EX));
        }
        while (locked == -Errno.EINTR);
        if (locked < 0)
        {
            file.Dispose();
            throw new LinuxException(locked, "flock", name);
        }

        return new FileLock(file);
    }

    /// <summary>The descriptor that holds the lock: whoever inherits it through exec holds the lock.</summary>
    public int Number => _file.Number;

    /// <summary>Takes over a lock that this process held before it executed another program.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="name">The lock's file name.</param>
    /// <param name="descriptor">What <see cref="Number"/> was; owned from now on, and closed when the result is null.</param>
    /// <returns>Null when the descriptor is not that lock's, or does not hold it.</returns>
    public static FileLock? TryAdopt(FileDescriptor directory, string name, FileDescriptor descriptor)
    {
        fixed (byte* path = DurableFile.FileName(name))
        {
            if (FileStatus.TryGet(descriptor.Number, out FileStatus held) == 0
                && FileStatus.TryGet(directory.Number, path, Libc.AT_SYMLINK_NOFOLLOW, out FileStatus named) == 0
                && (held.Inode, held.Device) == (named.Inode, named.Device) && Libc.flock(descriptor.Number, Libc.LOCK_EX | Libc.LOCK_NB) == 0)
            {
                return new FileLock(descriptor);
            }
        }

        descriptor.Dispose();
        return null;
    }

    /// <summary>The pid that the last holder wrote, for an error message; null when there is none.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="name">The lock's file name.</param>
    public static int? TryReadHolder(FileDescriptor directory, string name)
    {
        fixed (byte* path = DurableFile.FileName(name))
        {
            int opened = Libc.Result(Libc.openat(directory.Number, path, Libc.O_RDONLY | Libc.O_NOFOLLOW | Libc.O_NONBLOCK | Libc.O_CLOEXEC, 0));
            if (opened < 0)
            {
                return null;
            }

            using var file = new FileDescriptor(opened);
            Span<byte> text = stackalloc byte[16];
            int read = Descriptors.TryRead(opened, text);
            return read > 0 && int.TryParse(text[..read].TrimEnd("\n"u8), NumberStyles.None, CultureInfo.InvariantCulture, out int pid) ? pid : null;
        }
    }

    /// <summary>Releases the lock.</summary>
    public void Dispose() => _file.Dispose();

    private static FileDescriptor Open(FileDescriptor directory, string name)
    {
        fixed (byte* path = DurableFile.FileName(name))
        {
            int flags = Libc.O_RDWR | Libc.O_CREAT | Libc.O_NOFOLLOW | Libc.O_NONBLOCK | Libc.O_CLOEXEC;
            return new FileDescriptor(LinuxException.Check(Libc.Result(Libc.openat(directory.Number, path, flags, 0x180)), "openat", name));
        }
    }
}
