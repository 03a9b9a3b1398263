using System.Runtime.InteropServices;
using System.Text;

namespace Strata.Linux.Interop;

// Names here are libc's own, so that each can be looked up in its manual page.
#pragma warning disable IDE1006
/// <summary>
/// The C library. Common contract: pointers need live only for the call, nothing is kept; a result of -1 puts the reason in errno,
/// which the generated stub saves before anything else can overwrite it. Exceptions to this are said at the function.
/// </summary>
internal static unsafe partial class Libc
{
    private const string Library = "libc";

    internal const int F_GETFD = 1;
    internal const int F_SETFD = 2;
    internal const int F_GETFL = 3;
    internal const int F_SETFL = 4;
    internal const int F_DUPFD_CLOEXEC = 1030;
    internal const int F_SETPIPE_SZ = 1031;
    internal const int FD_CLOEXEC = 1;
    internal const uint CLOSE_RANGE_CLOEXEC = 4;

    /// <summary>close(2): frees the number always, also when it reports an error.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int close(int fd);

    /// <summary>read(2): at most count bytes into buf; 0 at the end.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint read(int fd, byte* buf, nuint count);

    /// <summary>write(2): reads count bytes from buf, may take fewer.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint write(int fd, byte* buf, nuint count);

    /// <summary>fcntl(2) is variadic; with integers only, its calling convention is the plain one on x86-64 and arm64 Linux.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int fcntl(int fd, int cmd, nint arg);

    /// <summary>pipe2(2): writes two descriptors to fds.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int pipe2(int* fds, int flags);

    /// <summary>close_range(2), kernel 5.11 for the CLOEXEC flag, glibc 2.34.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int close_range(uint first, uint last, uint flags);

    /// <summary>getrandom(2): fills up to 256 bytes whole; more may be cut short by a signal. Waits until the generator is seeded.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint getrandom(byte* buf, nuint count, uint flags);

    /// <summary>geteuid(2): cannot fail.</summary>
    [LibraryImport(Library)]
    internal static partial uint geteuid();

    /// <summary>getegid(2): cannot fail.</summary>
    [LibraryImport(Library)]
    internal static partial uint getegid();

    /// <summary>Turns the C convention into ours: the result, or the error number negated.</summary>
    internal static int Result(nint result) => result >= 0 ? (int)result : -Marshal.GetLastPInvokeError();

    /// <summary>UTF-8 with a final NUL. A NUL inside would silently shorten the path the kernel sees, hence the refusal.</summary>
    internal static byte[] CString(string text)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException($"'{text.Replace("\0", "\\0", StringComparison.Ordinal)}' holds a NUL character; remove it.", nameof(text));
        }

        byte[] bytes = new byte[Encoding.UTF8.GetByteCount(text) + 1];
        Encoding.UTF8.GetBytes(text, bytes);
        return bytes;
    }
}
