using System.Runtime.CompilerServices;
using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>What is made in a directory beside files and directories, and what entries carry beside their content. Names and answers as in <see cref="DirectoryChanges"/>.</summary>
[SkipLocalsInit]
public static unsafe class EntryChanges
{
    /// <summary>The longest target of a link.</summary>
    public const int MaxTargetBytes = 4095;

    private const int MaxAttributeBytes = 64 * 1024;

    /// <summary>Makes a symbolic link.</summary>
    /// <param name="directory">Where.</param>
    /// <param name="name">Its name.</param>
    /// <param name="target">What it says; not looked at.</param>
    public static int TryMakeLink(FileDescriptor directory, ReadOnlySpan<byte> name, ReadOnlySpan<byte> target)
    {
        if (target.IsEmpty || target.Length > MaxTargetBytes || target.Contains((byte)0))
        {
            return -Errno.EINVAL;
        }

        byte* text = stackalloc byte[FileStatus.MaxNameBytes + 1];
        byte* to = stackalloc byte[MaxTargetBytes + 1];
        target.CopyTo(new Span<byte>(to, MaxTargetBytes));
        to[target.Length] = 0;
        int result = DirectoryChanges.Terminate(name, text);
        return result < 0 ? result : Libc.Result(Libc.symlinkat(to, directory.Number, text));
    }

    /// <summary>What a symbolic link says; EINVAL for anything else.</summary>
    /// <param name="directory">Where it is.</param>
    /// <param name="name">Its name.</param>
    /// <param name="target">Its target when the result is 0.</param>
    public static int TryReadLink(FileDescriptor directory, ReadOnlySpan<byte> name, out byte[] target)
    {
        target = [];
        byte* text = stackalloc byte[FileStatus.MaxNameBytes + 1];
        byte* to = stackalloc byte[MaxTargetBytes + 1];
        int result = DirectoryChanges.Terminate(name, text);
        result = result < 0 ? result : Libc.Result(Libc.readlinkat(directory.Number, text, to, MaxTargetBytes + 1));
        if (result < 0 || result > MaxTargetBytes)
        {
            return result < 0 ? result : -Errno.ENAMETOOLONG;
        }

        target = new Span<byte>(to, result).ToArray();
        return 0;
    }

    /// <summary>Makes a FIFO, a socket's name or a device's; of devices only number 0:0, by which an overlay says that a name is gone. EPERM where that is not ours to make.</summary>
    /// <param name="directory">Where.</param>
    /// <param name="name">Its name.</param>
    /// <param name="kind">What it is.</param>
    public static int TryMakeSpecial(FileDescriptor directory, ReadOnlySpan<byte> name, FileKind kind)
    {
        byte* text = stackalloc byte[FileStatus.MaxNameBytes + 1];
        int result = DirectoryChanges.Terminate(name, text);
        return result < 0 ? result : Libc.Result(Libc.mknodat(directory.Number, text, ((uint)kind << 12) | (kind == FileKind.CharacterDevice ? 0u : 0x180), 0));
    }

    /// <summary>Gives an entry its owner; a link is not followed.</summary>
    /// <param name="directory">Where.</param>
    /// <param name="name">Its name.</param>
    /// <param name="uid">The user.</param>
    /// <param name="gid">The group.</param>
    public static int TryChangeOwner(FileDescriptor directory, ReadOnlySpan<byte> name, uint uid, uint gid)
    {
        byte* text = stackalloc byte[FileStatus.MaxNameBytes + 1];
        int result = DirectoryChanges.Terminate(name, text);
        return result < 0 ? result : Libc.Result(Libc.fchownat(directory.Number, text, uid, gid, Libc.AT_SYMLINK_NOFOLLOW));
    }

    /// <summary>Gives an open file its owner.</summary>
    /// <param name="file">Anything open, O_PATH included.</param>
    /// <param name="uid">The user.</param>
    /// <param name="gid">The group.</param>
    public static int TryChangeOwner(int file, uint uid, uint gid)
    {
        byte empty = 0;
        return Libc.Result(Libc.fchownat(file, &empty, uid, gid, Libc.AT_EMPTY_PATH));
    }

    /// <summary>Says when an entry was last changed; a link is not followed.</summary>
    /// <param name="directory">Where.</param>
    /// <param name="name">Its name.</param>
    /// <param name="modifiedUnixNs">Nanoseconds since 1970 UTC.</param>
    public static int TrySetModified(FileDescriptor directory, ReadOnlySpan<byte> name, long modifiedUnixNs)
    {
        byte* text = stackalloc byte[FileStatus.MaxNameBytes + 1];
        int result = DirectoryChanges.Terminate(name, text);
        long seconds = Math.DivRem(modifiedUnixNs, 1_000_000_000, out long rest);
        (seconds, rest) = rest < 0 ? (seconds - 1, rest + 1_000_000_000) : (seconds, rest);
        long* times = stackalloc long[4] { seconds, rest, seconds, rest };
        return result < 0 ? result : Libc.Result(Libc.utimensat(directory.Number, text, times, Libc.AT_SYMLINK_NOFOLLOW));
    }

    /// <summary>Copies the extended attributes of an open file or directory, those of an overlay among them.</summary>
    /// <param name="from">Open, not O_PATH of a link.</param>
    /// <param name="to">The copy.</param>
    /// <param name="keepsMarks">Whether those are copied by which an overlay knows what it hides.</param>
    /// <returns>0, or a negated <see cref="Errno"/> when one that an overlay or the user's own set cannot be kept; what security modules set is kept where that is ours to do.</returns>
    public static int TryCopyAttributes(int from, int to, bool keepsMarks = true)
    {
        byte* source = stackalloc byte[DescriptorPath.MaxBytes];
        byte* target = stackalloc byte[DescriptorPath.MaxBytes];
        DescriptorPath.Write(from, source);
        DescriptorPath.Write(to, target);
        int length = Libc.Result(Libc.listxattr(source, null, 0));
        if (length <= 0)
        {
            return length == -Errno.EOPNOTSUPP ? 0 : length;
        }

        byte[] names = new byte[length];
        byte[] value = new byte[MaxAttributeBytes];
        fixed (byte* list = names, room = value)
        {
            length = Libc.Result(Libc.listxattr(source, list, (nuint)length));
            for (int start = 0; start < length;)
            {
                int end = names.AsSpan(start, length - start).IndexOf((byte)0);
                var name = names.AsSpan(start, end);
                if (name.IndexOf(".overlay."u8) > 0 && (!keepsMarks || (!name.EndsWith(".opaque"u8) && !name.EndsWith(".redirect"u8))))
                {
                    // What an overlay notes for itself of where something came from.
                    start += end + 1;
                    continue;
                }

                int bytes = Libc.Result(Libc.getxattr(source, list + start, room, MaxAttributeBytes));
                int result = bytes < 0 ? bytes : Libc.Result(Libc.setxattr(target, list + start, room, (nuint)bytes, 0));
                if (result < 0 && !names.AsSpan(start).StartsWith("security."u8) && !names.AsSpan(start).StartsWith("system."u8))
                {
                    return result;
                }

                start += end + 1;
            }
        }

        return Math.Min(length, 0);
    }
}
