using System.Runtime.InteropServices;
using System.Text;

namespace Strata.Linux.Tests;

/// <summary>Renames with names that no string can hold.</summary>
internal static unsafe partial class NativeBytes
{
    internal static int Rename(string from, byte[] to) => Rename(Encoding.UTF8.GetBytes(from), to);

    internal static int Rename(byte[] from, string to) => Rename(from, Encoding.UTF8.GetBytes(to));

    private static int Rename(byte[] from, byte[] to)
    {
        fixed (byte* source = (byte[])[.. from, 0])
        fixed (byte* target = (byte[])[.. to, 0])
        {
            return rename(source, target);
        }
    }

    [LibraryImport("libc")]
    private static partial int rename(byte* from, byte* to);
}
