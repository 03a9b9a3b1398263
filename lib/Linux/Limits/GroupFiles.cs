using System.Text;
using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>The files and directories of control groups: each write is one system call, and its failure says something.</summary>
internal static unsafe class GroupFiles
{
    /// <summary>Writes to a file that is there.</summary>
    /// <returns>Null, or what went wrong in words.</returns>
    internal static string? TryWrite(string path, string text)
    {
        int result = Write(path, text);
        return result < 0 ? new LinuxException(result, $"write of '{text}'", path).Message : null;
    }

    /// <summary>The same, for who wants the error number.</summary>
    internal static int Write(string path, string text)
    {
        fixed (byte* name = Libc.CString(path))
        {
            int file = Libc.Result(Libc.openat(Libc.AT_FDCWD, name, Libc.O_WRONLY | Libc.O_CLOEXEC, 0));
            if (file < 0)
            {
                return file;
            }

            int written = Descriptors.TryWrite(file, Encoding.ASCII.GetBytes(text));
            _ = Libc.close(file);
            return written;
        }
    }

    internal static string? TryMakeDirectory(string path)
    {
        fixed (byte* name = Libc.CString(path))
        {
            int result = Libc.Result(Libc.mkdirat(Libc.AT_FDCWD, name, 0x1ED));
            return result is 0 or -Errno.EEXIST ? null : new LinuxException(result, "mkdir", path).Message;
        }
    }

    /// <summary>Whether the directory is gone now.</summary>
    internal static bool TryRemoveDirectory(string path)
    {
        fixed (byte* name = Libc.CString(path))
        {
            return Libc.Result(Libc.unlinkat(Libc.AT_FDCWD, name, Libc.AT_REMOVEDIR)) is 0 or -Errno.ENOENT;
        }
    }

    /// <summary>The number after a key at the start of a line; 0 without one.</summary>
    internal static long NumberOf(string path, string key)
    {
        try
        {
            string? line = File.ReadLines(path).FirstOrDefault(l => l.StartsWith(key + " ", StringComparison.Ordinal));
            return line is not null && long.TryParse(line[(key.Length + 1)..], out long number) ? number : 0;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
