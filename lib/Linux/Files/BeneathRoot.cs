using System.Runtime.CompilerServices;
using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>A directory from which paths are opened such that none can lead out: not by <c>..</c>, an absolute path, a link, a magic link of /proc, or a race with a rename.</summary>
/// <remarks>
/// The kernel resolves the path (openat2 with RESOLVE_BENEATH and RESOLVE_NO_MAGICLINKS); nothing is checked here first and used later.
/// Links that stay beneath the root are followed. All members are safe from any thread until disposal; results are descriptors the caller owns.
/// </remarks>
public sealed unsafe partial class BeneathRoot : IDisposable
{
    /// <summary>The longest path in bytes, the kernel's PATH_MAX without its NUL.</summary>
    public const int MaxPathBytes = 4095;

    /// <summary>How often a lookup that raced with a rename is tried again before EAGAIN is answered.</summary>
    public const int MaxLookups = 64;

    private const int PathOnly = Libc.O_PATH | Libc.O_CLOEXEC;

    private BeneathRoot(FileDescriptor handle) => Handle = handle;

    /// <summary>The root, an O_PATH descriptor: it names the directory even after a rename.</summary>
    public FileDescriptor Handle { get; }

    /// <summary>What is not opened though it lies beneath; then the result is <see cref="KeptOut.Refused"/>. Default nothing.</summary>
    public KeptOut KeptOut { get; init; } = KeptOut.Nothing;

    /// <summary>
    /// Whether this is the root of a file tree of its own, as a process there sees it: absolute paths and links, and <c>..</c>, then start or end at it and lead nowhere else.
    /// What is on a file system that tells of processes, devices or the kernel is not served: the result is <see cref="KeptOut.Refused"/>. Default false.
    /// </summary>
    public bool IsWholeTree { get; private init; }

    /// <summary>The root of a file tree of its own, such as a container's.</summary>
    /// <param name="directory">The directory, O_PATH or opened; owned by the root from here on.</param>
    public static BeneathRoot OfWholeTree(FileDescriptor directory) => new(directory) { IsWholeTree = true };

    /// <summary>Opens the root itself; links on the way to it are followed.</summary>
    /// <param name="directory">An existing directory.</param>
    /// <param name="keptOut">What is not opened though it lies beneath; null for nothing.</param>
    /// <exception cref="LinuxException">ENOENT, ENOTDIR, EACCES, ...</exception>
    public static BeneathRoot Open(string directory, KeptOut? keptOut = null)
    {
        fixed (byte* name = Libc.CString(directory))
        {
            int result = Libc.Result(Libc.openat(Libc.AT_FDCWD, name, PathOnly | Libc.O_DIRECTORY, 0));
            return new BeneathRoot(new FileDescriptor(LinuxException.Check(result, "open", directory))) { KeptOut = keptOut ?? KeptOut.Nothing };
        }
    }

    /// <summary>A root of an open directory.</summary>
    /// <param name="directory">The directory, O_PATH or opened; owned by the root from here on.</param>
    /// <param name="keptOut">What is not opened though it lies beneath.</param>
    public static BeneathRoot Of(FileDescriptor directory, KeptOut keptOut) => new(directory) { KeptOut = keptOut };

    /// <summary>A root beneath this one, for a narrower prefix.</summary>
    /// <param name="path">A relative path in UTF-8.</param>
    /// <exception cref="LinuxException">EXDEV when it leads out, ENOENT, ENOTDIR, ...</exception>
    public BeneathRoot OpenRoot(ReadOnlySpan<byte> path)
    {
        int result = Resolve(path, PathOnly | Libc.O_DIRECTORY);
        return new BeneathRoot(new FileDescriptor(LinuxException.Check(result, "openat2"))) { KeptOut = KeptOut };
    }

    /// <summary>Opens a regular file for reading. FIFOs, sockets and devices are refused at once, without being opened.</summary>
    /// <param name="path">A relative path, raw bytes (normally UTF-8).</param>
    /// <param name="status">The file's status when the result is a descriptor.</param>
    /// <returns>
    /// A descriptor (close-on-exec), or: EXDEV the path leads out; ELOOP too many links or a magic link; EISDIR a directory; EOPNOTSUPP a FIFO,
    /// socket or device; EAGAIN the lookup kept racing with renames; EINVAL a NUL in the path; ENAMETOOLONG; ENOENT (also an empty path); EACCES; ...
    /// <see cref="KeptOut.Refused"/> it is kept out.
    /// </returns>
    public int TryOpenFile(ReadOnlySpan<byte> path, out FileStatus status)
    {
        int located = TryLocate(path, out status);
        return located < 0 ? located : Reopen(located, VerdictOn(status.Kind), Libc.O_RDONLY | Libc.O_NOCTTY | Libc.O_NONBLOCK);
    }

    /// <summary>Opens a directory for reading, for <see cref="DirectoryReader"/>.</summary>
    /// <param name="path">A relative path, raw bytes; <c>.</c> is the root itself.</param>
    /// <param name="status">The directory's status when the result is a descriptor.</param>
    /// <returns>A descriptor (close-on-exec), or a negated <see cref="Errno"/> as for files; ENOTDIR for anything else.</returns>
    public int TryOpenDirectory(ReadOnlySpan<byte> path, out FileStatus status)
    {
        status = default;
        int opened = Judge(Resolve(path, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_CLOEXEC), path);
        if (opened < 0)
        {
            return opened;
        }

        int result = FileStatus.TryGet(opened, out status);
        return result < 0 ? CloseWith(opened, result) : opened;
    }

    /// <summary>The status of whatever the path leads to; links are followed.</summary>
    /// <param name="path">A relative path, raw bytes.</param>
    /// <param name="status">The status when the result is 0.</param>
    /// <returns>0, or a negated <see cref="Errno"/>.</returns>
    public int TryGetStatus(ReadOnlySpan<byte> path, out FileStatus status)
    {
        int located = TryLocate(path, out status);
        return located < 0 ? located : CloseWith(located, 0);
    }

    /// <summary>Closes the root; what was opened from it stays open.</summary>
    public void Dispose() => Handle.Dispose();

    /// <summary>O_PATH finds the inode without opening it: no FIFO blocks or wakes its writer, no device notices.</summary>
    private int TryLocate(ReadOnlySpan<byte> path, out FileStatus status)
    {
        status = default;
        int located = Judge(Resolve(path, PathOnly), path);
        if (located < 0)
        {
            return located;
        }

        int result = FileStatus.TryGet(located, out status);
        return result < 0 ? CloseWith(located, result) : located;
    }

    /// <summary>Lets through what may be served. What cannot be opened is answered as what it is, or the directory it would be in: names in one that is kept out are nobody's business.</summary>
    private int Judge(int opened, ReadOnlySpan<byte> path)
    {
        if (IsWholeTree && opened >= 0 && ProcessFiles.IsPseudo(opened))
        {
            return CloseWith(opened, KeptOut.Refused);
        }

        if (KeptOut.IsNothing)
        {
            return opened;
        }

        if (opened >= 0)
        {
            int verdict = KeptOut.Judge(opened);
            return verdict < 0 ? CloseWith(opened, verdict) : opened;
        }

        int nearest = opened;
        for (bool whole = true; nearest is -Errno.ENOENT or -Errno.ENOTDIR or -Errno.EACCES && (whole || !path.IsEmpty); whole = false)
        {
            path = whole ? path : path[..Math.Max(0, path.LastIndexOf((byte)'/'))];
            nearest = Resolve(path.IsEmpty ? "."u8 : path, PathOnly);
        }

        return nearest >= 0 && CloseWith(nearest, KeptOut.Judge(nearest)) == KeptOut.Refused ? KeptOut.Refused : opened;
    }

    /// <summary>Opens the very inode that was located and judged; the path is not walked a second time, so there is nothing to race.</summary>
    private static int Reopen(int located, int verdict, int flags)
    {
        if (verdict < 0)
        {
            return CloseWith(located, verdict);
        }

        byte* link = stackalloc byte[DescriptorPath.MaxBytes];
        DescriptorPath.Write(located, link);
        return CloseWith(located, Libc.Result(Libc.openat(Libc.AT_FDCWD, link, Libc.O_CLOEXEC | flags, 0)));
    }

    private static int VerdictOn(FileKind kind) => kind switch
    {
        FileKind.Regular => 0,
        FileKind.Directory => -Errno.EISDIR,
        _ => -Errno.EOPNOTSUPP,
    };

    private int Resolve(ReadOnlySpan<byte> path, int flags, int mode = 0) =>
        Resolve(Handle.Number, path, flags, mode, IsWholeTree ? Libc.RESOLVE_IN_ROOT : Libc.RESOLVE_BENEATH);

    [SkipLocalsInit]
    private static int Resolve(int directory, ReadOnlySpan<byte> path, int flags, int mode, ulong resolve)
    {
        if (path.Length > MaxPathBytes)
        {
            return -Errno.ENAMETOOLONG;
        }

        if (path.Contains((byte)0))
        {
            return -Errno.EINVAL;
        }

        byte* name = stackalloc byte[path.Length + 1];
        path.CopyTo(new Span<byte>(name, path.Length));
        name[path.Length] = 0;
        var how = new Libc.OpenHow { Flags = (ulong)flags, Mode = (ulong)mode, Resolve = Libc.RESOLVE_NO_MAGICLINKS | resolve };
        int result;
        int lookups = 0;
        do
        {
            // EAGAIN: a rename or mount elsewhere made ".." unprovable this time.
            result = Libc.Result(Libc.openat2(Libc.SYS_openat2, directory, name, &how, (nuint)sizeof(Libc.OpenHow)));
        }
        while (result == -Errno.EAGAIN && ++lookups < MaxLookups);
        return result;
    }

    private static int CloseWith(int descriptor, int result)
    {
        _ = Libc.close(descriptor);
        return result;
    }
}
