using Strata.Hosting;
using Strata.Linux;

namespace Strata.Identity;

/// <summary>
/// The directory <c>identity</c> of the state dir, mode 0700, held by one process at a time. Nothing in it is read before
/// owner, mode and kind were looked at.
/// </summary>
internal sealed class IdentityDirectory : IDisposable
{
    internal const int FileMode = 0x180; // 0600
    private const int DirectoryMode = 0x1C0; // 0700
    private const int StateMode = 0x1ED; // 0755: others may look in, but not move our directory away and put theirs in its place.
    private const int OthersMask = 0x3F; // 0077
    private const string LockName = "lock";

    private readonly FileLock _lock;
    private readonly Lock _using = new();
    private bool _closed;

    private IdentityDirectory(string path, FileDescriptor handle, FileLock held) => (Path, Handle, _lock) = (path, handle, held);

    internal string Path { get; }

    internal FileDescriptor Handle { get; }

    /// <summary>Makes the directory if need be and takes it.</summary>
    /// <exception cref="SettingsException">Another process has it.</exception>
    /// <exception cref="UnsafeDirectoryException">It, or the state dir, is not ours alone to change.</exception>
    internal static IdentityDirectory Open(string stateDir)
    {
        Directory.CreateDirectory(stateDir, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        PrivateDirectory.Require(stateDir, StateMode);
        var path = System.IO.Path.Combine(stateDir, "identity");
        var handle = PrivateDirectory.Ensure(path, DirectoryMode);
        try
        {
            return FileLock.TryAcquire(handle, LockName) is { } held
                ? new IdentityDirectory(path, handle, held)
                : throw new SettingsException(
                    $"another identity service{HolderOf(handle)} uses {path}; stop it first, or set STRATA_STATE_DIR to a directory of this node's own");
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Reads a file; null when there is none.</summary>
    /// <exception cref="SettingsException">It is not a private file of ours, or larger than it can be.</exception>
    internal byte[]? TryRead(string name, long maxBytes)
    {
        var path = In(name);
        if (TryOpen(name, out var status) is not { } file)
        {
            return null;
        }

        using (file)
        {
            return status.SizeBytes <= maxBytes
                ? ReadAll(file, status.SizeBytes, path)
                : throw new SettingsException($"{path} has {status.SizeBytes} bytes, more than the {maxBytes} it can have; it is damaged: restore it from a backup");
        }
    }

    /// <summary>Opens a file for reading; null when there is none.</summary>
    /// <exception cref="SettingsException">It is not a private file of ours.</exception>
    internal FileDescriptor? TryOpen(string name) => TryOpen(name, out _);

    /// <summary>Puts one file in another's place.</summary>
    /// <exception cref="LinuxException">It could not be done.</exception>
    internal void Rename(string from, string to)
    {
        try
        {
            File.Move(In(from), In(to), overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LinuxException(Errno.EIO, $"rename ({e.Message})", In(to));
        }
    }

    /// <summary>Names of the files.</summary>
    internal IReadOnlyList<string> Names() => [.. Directory.EnumerateFiles(Path).Select(file => System.IO.Path.GetFileName(file))];

    /// <summary>When a file was last written; null when there is none.</summary>
    internal DateTimeOffset? WrittenAt(string name) => File.Exists(In(name)) ? new DateTimeOffset(File.GetLastWriteTimeUtc(In(name))) : null;

    /// <summary>
    /// Overwrites a file, as far as the file system writes in place, and removes it, durably; one that is not there is none to erase.
    /// </summary>
    /// <exception cref="LinuxException">It may still be there; EBADF after <see cref="Dispose"/>.</exception>
    internal void Erase(string name)
    {
        lock (_using)
        {
            RequireOpen(name);
            try
            {
                if (FileStatus.TryGetNoFollow(In(name), out var status) == 0 && status.Kind == FileKind.Regular)
                {
                    using var file = File.OpenHandle(In(name), System.IO.FileMode.Open, FileAccess.Write);
                    RandomAccess.Write(file, new byte[status.SizeBytes], 0);
                    RandomAccess.FlushToDisk(file);
                }

                File.Delete(In(name));
            }
            catch (Exception e) when (e is (IOException and not LinuxException) or UnauthorizedAccessException)
            {
                throw new LinuxException(Errno.EIO, $"erase ({e.Message})", In(name));
            }

            DurableFile.SyncDirectory(Handle, name);
        }
    }

    /// <summary>Overwrites what a file held before it is replaced, as far as the file system writes in place.</summary>
    /// <param name="name">The file.</param>
    /// <param name="replace">Puts another in its place; when it fails the old content stays.</param>
    /// <exception cref="LinuxException">The old content may still be on the disk.</exception>
    internal void WipeAfter(string name, Action replace)
    {
        try
        {
            using var old = File.OpenHandle(In(name), System.IO.FileMode.Open, FileAccess.Write);
            var length = RandomAccess.GetLength(old);
            replace();
            RandomAccess.Write(old, new byte[length], 0);
            RandomAccess.FlushToDisk(old);
        }
        catch (Exception e) when (e is (IOException and not LinuxException) or UnauthorizedAccessException)
        {
            throw new LinuxException(Errno.EIO, $"overwrite what was replaced ({e.Message})", In(name));
        }
    }

    private FileDescriptor? TryOpen(string name, out FileStatus status)
    {
        var path = In(name);
        status = default;
        var found = FileStatus.TryGetNoFollow(path, out var named);
        if (found == -Errno.ENOENT)
        {
            return null;
        }

        RequireOurs(path, found, named);
        using var root = BeneathRoot.Open(Path);
        var opened = root.TryOpenFile(System.Text.Encoding.UTF8.GetBytes(name), out status);
        if (opened < 0)
        {
            throw new LinuxException(opened, "open", path);
        }

        var file = new FileDescriptor(opened);
        try
        {
            RequireOurs(path, 0, status);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Replaces a file, durably and in one step.</summary>
    /// <exception cref="LinuxException">The old content may still stand; EBADF after <see cref="Dispose"/>.</exception>
    internal void Replace(string name, ReadOnlySpan<byte> content)
    {
        // A handler may outlive its connection and so the service; the descriptor's number may mean another directory by then.
        lock (_using)
        {
            RequireOpen(name);
            DurableFile.Replace(Handle, name, content, FileMode);
        }
    }

    public void Dispose()
    {
        lock (_using)
        {
            _closed = true;
            _lock.Dispose();
            Handle.Dispose();
        }
    }

    private void RequireOpen(string name)
    {
        if (_closed)
        {
            throw new LinuxException(Errno.EBADF, "writing after the directory was given up", In(name));
        }
    }

    private string In(string name) => System.IO.Path.Combine(Path, name);

    private static string HolderOf(FileDescriptor handle) => FileLock.TryReadHolder(handle, LockName) is { } pid ? $" (pid {pid})" : "";

    private static void RequireOurs(string path, int result, in FileStatus status)
    {
        if (result < 0)
        {
            throw new LinuxException(result, "statx", path);
        }

        var self = UserId.Effective;
        var fault = status.Kind != FileKind.Regular ? $"is not a regular file but a {status.Kind}; remove it or restore it from a backup"
            : status.Uid != self ? $"belongs to uid {status.Uid}, not to uid {self} that runs this; whoever owns it knows or chose its content: restore it from a backup"
            : (status.Mode & OthersMask) != 0 ? $"has mode {Convert.ToString(status.Mode, 8)}, so others could read or write it; check who did, then run: chmod 600 '{path}'"
            : null;
        if (fault is not null)
        {
            throw new SettingsException($"{path} {fault}");
        }
    }

    private static byte[] ReadAll(FileDescriptor file, long size, string path)
    {
        var content = new byte[size];
        var have = 0;
        while (have < content.Length)
        {
            var count = FileContent.TryRead(file.Number, content.AsSpan(have), have);
            if (count == -Errno.EINTR)
            {
                continue;
            }

            if (count <= 0)
            {
                throw new LinuxException(count == 0 ? Errno.EIO : count, "read", path);
            }

            have += count;
        }

        return content;
    }
}
