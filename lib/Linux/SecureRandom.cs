using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>
/// Random bytes of the kernel's own generator, getrandom(2), for whatever nobody may guess. The framework's generator would
/// load all of OpenSSL for them, over a megabyte of private memory in every process.
/// </summary>
public static unsafe class SecureRandom
{
    /// <summary>Most bytes of one <see cref="Hex"/>.</summary>
    public const int MaxHexBytes = 64;

    /// <summary>Fills a span; waits, early in the machine's boot, until the kernel has gathered enough entropy.</summary>
    /// <exception cref="LinuxException">The kernel has no such generator (ENOSYS).</exception>
    public static void Fill(Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int result;
            fixed (byte* pointer = bytes)
            {
                result = Libc.Result(Libc.getrandom(pointer, (nuint)bytes.Length, 0));
            }

            if (result != -Errno.EINTR)
            {
                bytes = bytes[LinuxException.Check(result, "getrandom")..];
            }
        }
    }

    /// <summary>Random bytes as lower-case hex, two digits a byte.</summary>
    /// <param name="bytes">How many, 0 to <see cref="MaxHexBytes"/>.</param>
    /// <exception cref="LinuxException">As <see cref="Fill"/>.</exception>
    public static string Hex(int bytes)
    {
        Span<byte> random = stackalloc byte[MaxHexBytes];
        Fill(random[..bytes]);
        return Convert.ToHexStringLower(random[..bytes]);
    }
}
