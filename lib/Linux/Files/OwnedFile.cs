using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>Small files for a process of another user, replaced in one step. They are not synced: what a machine's end takes away is made anew.</summary>
public static unsafe class OwnedFile
{
    /// <summary>Writes a temporary file beside the target, gives it its owner and mode, and renames it over the target. Nobody sees it before it is whole.</summary>
    /// <param name="directory">The directory; nobody else may be able to change it.</param>
    /// <param name="name">A plain file name.</param>
    /// <param name="content">The new content.</param>
    /// <param name="mode">Exact permission bits, whatever the umask.</param>
    /// <param name="owner">Whose file it is to be; what is null stays ours.</param>
    /// <exception cref="LinuxException">Nothing was replaced.</exception>
    public static void Replace(FileDescriptor directory, string name, ReadOnlySpan<byte> content, int mode, ProcessUser? owner)
    {
        byte[] target = DurableFile.FileName(name);
        fixed (byte* from = Libc.CString($".{name}.new"))
        fixed (byte* to = target)
        {
            // A leftover of a killed writer; O_EXCL makes sure that nothing is ever written through a planted link.
            _ = Libc.unlinkat(directory.Number, from, 0);
            int result = WriteNew(directory, from, content, mode, owner, out string call);
            (call, result) = result < 0 ? (call, result) : ("renameat", Libc.Result(Libc.renameat(directory.Number, from, directory.Number, to)));
            if (result < 0)
            {
                _ = Libc.unlinkat(directory.Number, from, 0);
                throw new LinuxException(result, call, name);
            }
        }
    }

    private static int WriteNew(FileDescriptor directory, byte* path, ReadOnlySpan<byte> content, int mode, ProcessUser? owner, out string call)
    {
        int flags = Libc.O_WRONLY | Libc.O_CREAT | Libc.O_EXCL | Libc.O_NOFOLLOW | Libc.O_CLOEXEC;
        call = "openat";
        int opened = Libc.Result(Libc.openat(directory.Number, path, flags, 0));
        if (opened < 0)
        {
            return opened;
        }

        using var file = new FileDescriptor(opened);
        call = "write";
        int result = DurableFile.WriteAll(opened, content);
        if (result >= 0 && owner is { } user)
        {
            // An id of all ones leaves what is.
            (call, result) = ("fchown", Libc.Result(Libc.fchown(opened, user.Uid ?? uint.MaxValue, user.Gid ?? uint.MaxValue)));
        }

        if (result >= 0)
        {
            (call, result) = ("fchmod", Libc.Result(Libc.fchmod(opened, (uint)mode)));
        }

        return result;
    }
}
