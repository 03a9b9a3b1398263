using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>Directories opened as places: to resolve paths beneath, not to read.</summary>
public static unsafe class DirectoryHandle
{
    /// <summary>Opens one; close-on-exec. The last part of the path may be a link.</summary>
    /// <exception cref="LinuxException">ENOENT, EACCES, ...</exception>
    public static FileDescriptor Open(string path)
    {
        fixed (byte* text = Libc.CString(path))
        {
            return new FileDescriptor(LinuxException.Check(Libc.Result(Libc.openat(Libc.AT_FDCWD, text, Libc.O_PATH | Libc.O_DIRECTORY | Libc.O_CLOEXEC, 0)), "open", path));
        }
    }
}
