using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>A log on disk: records are appended whole or not at all, and are durable once <see cref="Sync"/> returned. Not for several threads at once.</summary>
/// <remarks>After a failed sync the kernel may have dropped the data and forgotten the failure, so the file refuses everything from then on: reopen and re-read.</remarks>
public sealed unsafe class AppendOnlyFile : IDisposable
{
    private readonly FileDescriptor _file;
    private readonly string _name;
    private bool _failed;

    private AppendOnlyFile(FileDescriptor file, string name, long lengthBytes) =>
        (_file, _name, LengthBytes) = (file, name, lengthBytes);

    /// <summary>Length in bytes, all appended records included, synced or not.</summary>
    public long LengthBytes { get; private set; }

    /// <summary>What the kernel knows of the open file now; its length may differ from <see cref="LengthBytes"/> when somebody else touched it.</summary>
    /// <exception cref="LinuxException">It could not be asked.</exception>
    public FileStatus Status
    {
        get
        {
            LinuxException.Check(FileStatus.TryGet(_file.Number, out FileStatus status), "statx", _name);
            return status;
        }
    }

    /// <summary>Opens the file, or makes it durably when it is missing.</summary>
    /// <param name="directory">The directory, open for reading (not O_PATH: it is synced).</param>
    /// <param name="name">A plain file name; a link there is refused.</param>
    /// <param name="mode">Exact permission bits, set at each opening.</param>
    /// <param name="durable">Whether a new file must survive a crash of the machine; false spares two waits for the disk. Default true.</param>
    /// <exception cref="ArgumentException">The name is not a plain one.</exception>
    /// <exception cref="LinuxException">ELOOP for a link, EACCES, EINVAL when it is no regular file, ...</exception>
    public static AppendOnlyFile Open(FileDescriptor directory, string name, int mode, bool durable = true)
    {
        fixed (byte* path = DurableFile.FileName(name))
        {
            int flags = Libc.O_WRONLY | Libc.O_APPEND | Libc.O_CREAT | Libc.O_NOFOLLOW | Libc.O_NONBLOCK | Libc.O_CLOEXEC;
            int opened = Libc.Result(Libc.openat(directory.Number, path, flags, (uint)mode & 0x180));
            var file = new FileDescriptor(LinuxException.Check(opened, "openat", name));
            try
            {
                LinuxException.Check(FileStatus.TryGet(file.Number, out FileStatus status), "statx", name);
                if (status.Kind != FileKind.Regular)
                {
                    throw new LinuxException(Errno.EINVAL, $"opening a {status.Kind} as an append-only file", name);
                }

                LinuxException.Check(Libc.Result(Libc.fchmod(file.Number, (uint)mode)), "fchmod", name);
                if (durable)
                {
                    LinuxException.Check(Libc.Result(Libc.fsync(file.Number)), "fsync", name);
                    LinuxException.Check(Libc.Result(Libc.fsync(directory.Number)), "fsync of the directory", name);
                }

                return new AppendOnlyFile(file, name, status.SizeBytes);
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
    }

    /// <summary>Appends one record. A partial write (a full disk) is cut off again.</summary>
    /// <param name="record">The bytes.</param>
    /// <exception cref="LinuxException">Nothing of the record is in the file; or EIO: the file failed earlier.</exception>
    public void Append(ReadOnlySpan<byte> record)
    {
        ThrowIfFailed();
        int result = DurableFile.WriteAll(_file.Number, record);
        if (result < 0)
        {
            _failed = Libc.ftruncate(_file.Number, LengthBytes) < 0;
            throw new LinuxException(result, "write", _name);
        }

        LengthBytes += record.Length;
    }

    /// <summary>Waits until every appended record is on disk.</summary>
    /// <exception cref="LinuxException">Durability is unknown and the file refuses further use.</exception>
    public void Sync()
    {
        ThrowIfFailed();
        int result = Libc.Result(Libc.fdatasync(_file.Number));
        if (result < 0)
        {
            _failed = true;
            throw new LinuxException(result, "fdatasync", _name);
        }
    }

    /// <summary>Cuts the file, for example a torn record that a crash left at its end, and syncs.</summary>
    /// <param name="lengthBytes">The new length, at most the present one.</param>
    /// <exception cref="LinuxException">The file could not be cut or synced.</exception>
    public void Truncate(long lengthBytes)
    {
        ThrowIfFailed();
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lengthBytes, LengthBytes);
        LinuxException.Check(Libc.Result(Libc.ftruncate(_file.Number, lengthBytes)), "ftruncate", _name);
        LengthBytes = lengthBytes;
        Sync();
    }

    /// <summary>Closes without syncing.</summary>
    public void Dispose() => _file.Dispose();

    private void ThrowIfFailed()
    {
        if (_failed)
        {
            throw new LinuxException(Errno.EIO, "use after a failed write or sync", _name);
        }
    }
}
