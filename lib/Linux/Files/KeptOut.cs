using System.Runtime.CompilerServices;
using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>
/// Directories from which nothing may be served, and files that may not, however somebody got there. An open descriptor is judged, not a path: by what the kernel finds on the way
/// up from it. So it does not matter which links, mounts or names of /proc led to it.
/// </summary>
/// <remarks>
/// They are looked at anew each time: one that is made, or replaced, later is kept out as well. Also kept out is what a proc file system has for single
/// processes, this one's memory among them. Copies made elsewhere are not recognised. All members are safe from any thread.
/// </remarks>
/// <param name="paths">Absolute paths; those that are not there count for nothing until they are.</param>
public sealed unsafe class KeptOut(IReadOnlyList<string> paths)
{
    /// <summary>The answer for what is kept out: no error number of the kernel.</summary>
    public const int Refused = -4096;

    /// <summary>The most directories on the way up: a path has no more.</summary>
    internal const int MaxDepth = 2048;

    /// <summary>The most entries looked through for a file that has a further name, or for a mounted directory.</summary>
    internal const int MaxEntries = 16_384;

    private static readonly int PathOnly = Libc.O_PATH | Libc.O_DIRECTORY | Libc.O_CLOEXEC;
    private const int Attempts = 64;
    private const int MaxLevels = 16;

    /// <summary>Nothing is kept out.</summary>
    public static KeptOut Nothing { get; } = new([]);

    /// <summary>The entries looked through.</summary>
    internal int Looks { get; init; } = MaxEntries;

    /// <summary>Whether nothing is.</summary>
    public bool IsNothing => paths.Count == 0;

    /// <summary>Judges what is open.</summary>
    /// <param name="descriptor">An open descriptor, O_PATH ones included; it stays the caller's.</param>
    /// <returns>0: it may be served. <see cref="Refused"/>; or a negated <see cref="Errno"/> when that cannot be told, EAGAIN after too many renames on the way.</returns>
    public int Judge(int descriptor)
    {
        if (IsNothing)
        {
            return 0;
        }

        int result = Position.TryGet(descriptor, out var here);
        if (result < 0)
        {
            return result;
        }

        Span<Position> places = new Position[paths.Count];
        places = places[..Find(places)];
        if (!here.IsDirectory && (IsOneOf(places, here) || IsWithin(places, here)))
        {
            return Refused;
        }

        int start = here.IsDirectory ? Open(descriptor, "."u8) : OpenParent(descriptor, here);
        return start < 0 ? start : Climb(start, places, ProcessFiles.IsProc(descriptor));
    }

    private static int Open(int directory, ReadOnlySpan<byte> literal)
    {
        // A literal of bytes is followed by a NUL that is not counted.
        fixed (byte* name = literal)
        {
            return Libc.Result(Libc.openat(directory, name, PathOnly, 0));
        }
    }

    private int Find(Span<Position> places)
    {
        int found = 0;
        foreach (string path in paths)
        {
            fixed (byte* name = Libc.CString(path))
            {
                found += Position.TryGet(Libc.AT_FDCWD, name, 0, out places[found]) >= 0 ? 1 : 0;
            }
        }

        return found;
    }

    /// <summary>Goes up to the root and closes what it is given.</summary>
    private int Climb(int current, ReadOnlySpan<Position> places, bool inProc)
    {
        int below = -1;
        try
        {
            for (int depth = 0; depth <= MaxDepth; depth++)
            {
                int result = Position.TryGet(current, out var here);
                if (result < 0)
                {
                    return result;
                }

                if (IsOneOf(places, here))
                {
                    return Refused;
                }

                bool procRoot = inProc && here.Inode == ProcessFiles.RootInode && ProcessFiles.IsProc(current);
                if (procRoot && below >= 0 && ProcessFiles.IsProcess(below))
                {
                    return Refused;
                }

                inProc &= !procRoot;
                int up = Open(current, ".."u8);
                if (up < 0)
                {
                    return up;
                }

                result = Position.TryGet(up, out var above);
                if (result < 0 || above.IsSame(here))
                {
                    _ = Libc.close(up);
                    // A part of a proc file system mounted by itself does not show whose files it has.
                    return result < 0 ? result : inProc ? Refused : 0;
                }

                if (IsWithin(places, here))
                {
                    _ = Libc.close(up);
                    return Refused;
                }

                Close(below);
                (below, current) = (current, up);
            }

            return -Errno.ELOOP;
        }
        finally
        {
            Close(below);
            Close(current);
        }
    }

    private static bool IsOneOf(ReadOnlySpan<Position> places, in Position here)
    {
        foreach (var place in places)
        {
            if (place.IsSameFile(here))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether what has a second name, or is mounted, has its first one in a directory that is kept out: the way up does not show that.</summary>
    private bool IsWithin(ReadOnlySpan<Position> places, in Position here)
    {
        if (!here.IsMountRoot && (here.IsDirectory || here.Links <= 1))
        {
            return false;
        }

        bool sameDevice = false;
        foreach (var place in places)
        {
            sameDevice |= place.Device == here.Device;
        }

        int left = Looks;
        for (int i = 0; sameDevice && i < paths.Count; i++)
        {
            if (Holds(paths[i], here.Inode, ref left))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Holds(string directory, ulong inode, ref int left)
    {
        int opened;
        fixed (byte* name = Libc.CString(directory))
        {
            opened = Libc.Result(Libc.openat(Libc.AT_FDCWD, name, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_CLOEXEC, 0));
        }

        return opened >= 0 && Holds(new FileDescriptor(opened), inode, ref left, MaxLevels);
    }

    private static bool Holds(FileDescriptor directory, ulong inode, ref int left, int levels)
    {
        using var reader = new DirectoryReader(directory);
        while (reader.TryNext(out var entry) == 1)
        {
            // More than that is not looked through, and what is not known to be outside is kept in.
            if (left-- == 0 || entry.Inode == inode)
            {
                return true;
            }

            if (entry.Kind is FileKind.Directory && levels > 0 && TryEnter(directory, entry.Name) is { } inner && Holds(inner, inode, ref left, levels - 1))
            {
                return true;
            }
        }

        return false;
    }

    private static FileDescriptor? TryEnter(FileDescriptor directory, ReadOnlySpan<byte> name)
    {
        byte* text = stackalloc byte[FileStatus.MaxNameBytes + 1];
        name.CopyTo(new Span<byte>(text, FileStatus.MaxNameBytes));
        text[name.Length] = 0;
        int opened = Libc.Result(Libc.openat(directory.Number, text, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_NOFOLLOW | Libc.O_CLOEXEC, 0));
        return opened < 0 ? null : new FileDescriptor(opened);
    }

    /// <summary>The directory in which the file that is open has its name; proven by the name leading back to it.</summary>
    [SkipLocalsInit]
    private static int OpenParent(int descriptor, in Position file)
    {
        byte* own = stackalloc byte[DescriptorPath.MaxBytes];
        byte* path = stackalloc byte[BeneathRoot.MaxPathBytes + 1];
        DescriptorPath.Write(descriptor, own);
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            int length = Libc.Result(Libc.readlink(own, path, BeneathRoot.MaxPathBytes));
            if (length < 0)
            {
                return length;
            }

            int slash = new Span<byte>(path, length).LastIndexOf((byte)'/');
            if (slash < 0)
            {
                return Refused; // It lies in no directory: a pipe, or memory that somebody opened by /proc.
            }

            path[length] = 0;
            path[slash] = 0;
            int parent = slash == 0 ? Open(Libc.AT_FDCWD, "/"u8) : Libc.Result(Libc.openat(Libc.AT_FDCWD, path, PathOnly, 0));
            if (parent >= 0 && Position.TryGet(parent, path + slash + 1, Libc.AT_SYMLINK_NOFOLLOW | Libc.AT_NO_AUTOMOUNT, out var named) >= 0 && named.IsSame(file))
            {
                return parent;
            }

            Close(parent);
        }

        return -Errno.EAGAIN;
    }

    private static void Close(int descriptor)
    {
        if (descriptor >= 0)
        {
            _ = Libc.close(descriptor);
        }
    }

    /// <summary>Where an inode is.</summary>
    private readonly record struct Position(ulong Device, ulong Inode, ulong Mount, uint Links, bool IsDirectory, bool IsMountRoot)
    {
        private const uint Wanted = 0x7ff | 0x1000; // The basic fields, and the mount (kernel 5.8).
        private const ulong MountRoot = 0x2000;

        internal static int TryGet(int descriptor, out Position position)
        {
            byte empty = 0;
            return TryGet(descriptor, &empty, Libc.AT_EMPTY_PATH, out position);
        }

        internal static int TryGet(int directory, byte* path, int flags, out Position position)
        {
            Libc.StatxBuffer buffer;
            int result = Libc.Result(Libc.statx(directory, path, flags, Wanted, &buffer));
            position = result < 0 ? default : new Position(
                ((ulong)buffer.DeviceMajor << 32) | buffer.DeviceMinor, buffer.Inode, buffer.Mount, buffer.LinkCount,
                (FileKind)(buffer.Mode >> 12) == FileKind.Directory, (buffer.Attributes & MountRoot) != 0);
            return result;
        }

        internal bool IsSameFile(in Position other) => Device == other.Device && Inode == other.Inode;

        internal bool IsSame(in Position other) => IsSameFile(other) && Mount == other.Mount;
    }
}
