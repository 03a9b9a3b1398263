using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>Reads a small file of our own whole.</summary>
public static unsafe class BoundedFile
{
    /// <summary>Reads it; it must be a regular file of our own user that nobody else may write.</summary>
    /// <param name="directory">Its directory.</param>
    /// <param name="name">A plain file name.</param>
    /// <param name="maxBytes">The most it may hold.</param>
    /// <param name="fault">Why it cannot be read, in words to follow its name; null when it was read or is not there.</param>
    /// <returns>The content; null when there is none or a fault.</returns>
    public static byte[]? TryRead(FileDescriptor directory, string name, int maxBytes, out string? fault)
    {
        fixed (byte* path = DurableFile.FileName(name))
        {
            int opened = Libc.Result(Libc.openat(directory.Number, path, Libc.O_RDONLY | Libc.O_NOFOLLOW | Libc.O_NONBLOCK | Libc.O_CLOEXEC, 0));
            fault = opened is >= 0 or -Errno.ENOENT ? null : opened == -Errno.ELOOP ? "is a symbolic link, no regular file" : $"cannot be opened ({Errno.Name(-opened)})";
            if (opened < 0)
            {
                return null;
            }

            using var file = new FileDescriptor(opened);
            fault = FileStatus.TryGet(opened, out FileStatus status) < 0 ? "cannot be looked at"
                : status.Kind != FileKind.Regular ? $"is a {status.Kind}, no regular file"
                : status.Uid != UserId.Effective ? $"belongs to uid {status.Uid}"
                : (status.Mode & 0x12) != 0 ? "can be written by others"
                : status.SizeBytes > maxBytes ? $"has {status.SizeBytes} bytes, more than {maxBytes}"
                : null;
            return fault is null ? ReadAll(opened, (int)status.SizeBytes, out fault) : null;
        }
    }

    private static byte[]? ReadAll(int file, int size, out string? fault)
    {
        byte[] bytes = new byte[size];
        int have = 0;
        while (have < size)
        {
            int read = Descriptors.TryRead(file, bytes.AsSpan(have));
            if (read == -Errno.EINTR)
            {
                continue;
            }

            if (read <= 0)
            {
                fault = read < 0 ? $"cannot be read ({Errno.Name(-read)})" : "became shorter while it was read";
                return null;
            }

            have += read;
        }

        fault = null;
        return bytes;
    }
}
