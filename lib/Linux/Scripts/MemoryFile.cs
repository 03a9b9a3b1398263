using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>Files that lie in memory and have no name.</summary>
public static unsafe class MemoryFile
{
    /// <summary>Makes one that holds some bytes, to be read from its start by whoever is given it.</summary>
    /// <param name="name">What it is called in /proc, for people.</param>
    /// <param name="content">The bytes.</param>
    /// <exception cref="LinuxException">No memory or descriptor is left.</exception>
    public static FileDescriptor Of(string name, ReadOnlySpan<byte> content)
    {
        var file = Create(name, 0);
        Write(file, content, 0);
        return file;
    }

    internal static FileDescriptor Create(string name, uint flags)
    {
        fixed (byte* text = Libc.CString(name))
        {
            int result = Libc.Result(Libc.memfd_create(text, Libc.MFD_CLOEXEC | flags));
            if (result == -Errno.EINVAL && flags != 0)
            {
                result = Libc.Result(Libc.memfd_create(text, Libc.MFD_CLOEXEC)); // Before kernel 6.3 there is no such flag, and each may be executed.
            }

            return new FileDescriptor(LinuxException.Check(result, "memfd_create", name));
        }
    }

    internal static void Write(FileDescriptor file, ReadOnlySpan<byte> content, long offset)
    {
        fixed (byte* bytes = content)
        {
            for (int done = 0; done < content.Length;)
            {
                done += LinuxException.Check(Libc.Result(Libc.pwrite(file.Number, bytes + done, (nuint)(content.Length - done), offset + done)), "pwrite");
            }
        }
    }

    /// <summary>One that can be executed.</summary>
    internal static FileDescriptor Program(string name, ReadOnlySpan<byte> content)
    {
        using var file = Create(name, Libc.MFD_EXEC);
        Write(file, content, 0);
        LinuxException.Check(Libc.Result(Libc.fchmod(file.Number, 0x16D)), "fchmod", name);
        byte* path = stackalloc byte[DescriptorPath.MaxBytes];
        DescriptorPath.Write(file.Number, path);
        return new FileDescriptor(LinuxException.Check(Libc.Result(Libc.openat(Libc.AT_FDCWD, path, Libc.O_RDONLY | Libc.O_CLOEXEC, 0)), "open", name));
    }
}
