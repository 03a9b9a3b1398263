using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>Whole-file replacement that survives a crash at any instant: afterwards the name holds either the old bytes or the new ones.</summary>
public static unsafe class DurableFile
{
    /// <summary>The longest file name in bytes; the temporary file's name is five bytes longer than the final one.</summary>
    public const int MaxNameBytes = 250;

    /// <summary>Writes a temporary file beside the target, syncs it, renames it over the target and syncs the directory. One writer a name at a time.</summary>
    /// <param name="directory">The directory, open for reading (not O_PATH: it is synced).</param>
    /// <param name="name">A plain file name.</param>
    /// <param name="content">The new content.</param>
    /// <param name="mode">Exact permission bits, whatever the umask.</param>
    /// <param name="durable">Whether it must survive a crash of the machine; false spares the waits for the disk, and leaves whole what only a process's death can interrupt. Default true.</param>
    /// <exception cref="ArgumentException">The name is empty, too long, or holds a slash.</exception>
    /// <exception cref="LinuxException">Nothing was replaced; or, from the directory's fsync, it was replaced but may not survive a crash.</exception>
    public static void Replace(FileDescriptor directory, string name, ReadOnlySpan<byte> content, int mode, bool durable = true)
    {
        byte[] target = FileName(name);
        byte[] temporary = Libc.CString($".{name}.new");
        fixed (byte* from = temporary)
        fixed (byte* to = target)
        {
            // A leftover of a crashed writer; O_EXCL below makes sure that nothing is ever written through a planted link.
            _ = Libc.unlinkat(directory.Number, from, 0);
            WriteNew(directory, from, name, content, mode, durable);
            int renamed = Libc.Result(Libc.renameat(directory.Number, from, directory.Number, to));
            if (renamed < 0)
            {
                _ = Libc.unlinkat(directory.Number, from, 0);
                throw new LinuxException(renamed, "renameat", name);
            }
        }

        if (durable)
        {
            LinuxException.Check(Libc.Result(Libc.fsync(directory.Number)), "fsync of the directory after renaming", name);
        }
    }

    /// <summary>Writes a new file for those who are told of it afterwards; neither whole before that nor durable.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="name">A plain file name that nothing has.</param>
    /// <param name="content">The content.</param>
    /// <param name="mode">Exact permission bits, whatever the umask.</param>
    /// <exception cref="LinuxException">EEXIST, ENOSPC, ...; there is no such file.</exception>
    public static void Create(FileDescriptor directory, string name, ReadOnlySpan<byte> content, int mode)
    {
        fixed (byte* path = FileName(name))
        {
            WriteNew(directory, path, name, content, mode, durable: false);
        }
    }

    /// <summary>Makes a removal or a rename in a directory survive a crash of the machine.</summary>
    /// <param name="directory">The directory, open for reading.</param>
    /// <param name="name">What was removed or renamed, for the error.</param>
    /// <exception cref="LinuxException">It may not survive.</exception>
    public static void SyncDirectory(FileDescriptor directory, string name) =>
        LinuxException.Check(Libc.Result(Libc.fsync(directory.Number)), "fsync of the directory", name);

    internal static byte[] FileName(string name)
    {
        byte[] encoded = Libc.CString(name);
        return encoded.Length - 1 is > 0 and <= MaxNameBytes && !name.Contains('/', StringComparison.Ordinal) && name is not ("." or "..")
            ? encoded
            : throw new ArgumentException($"'{name}' is not a plain file name of 1 to {MaxNameBytes} bytes.", nameof(name));
    }

    /// <summary>Writes all bytes, however often the kernel takes only a part.</summary>
    internal static int WriteAll(int descriptor, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int written = Descriptors.TryWrite(descriptor, bytes);
            if (written == -Errno.EINTR)
            {
                continue;
            }

            if (written < 0)
            {
                return written;
            }

            bytes = bytes[written..];
        }

        return 0;
    }

    private static void WriteNew(FileDescriptor directory, byte* path, string name, ReadOnlySpan<byte> content, int mode, bool durable)
    {
        int flags = Libc.O_WRONLY | Libc.O_CREAT | Libc.O_EXCL | Libc.O_NOFOLLOW | Libc.O_CLOEXEC;
        int opened = Libc.Result(Libc.openat(directory.Number, path, flags, (uint)mode & 0x180));
        using var file = new FileDescriptor(LinuxException.Check(opened, "openat", name));
        string call = "write";
        int result = WriteAll(file.Number, content);
        if (result >= 0)
        {
            (call, result) = ("fchmod", Libc.Result(Libc.fchmod(file.Number, (uint)mode)));
        }

        if (result >= 0 && durable)
        {
            (call, result) = ("fsync", Libc.Result(Libc.fsync(file.Number)));
        }

        if (result < 0)
        {
            _ = Libc.unlinkat(directory.Number, path, 0);
            throw new LinuxException(result, call, name);
        }
    }
}
