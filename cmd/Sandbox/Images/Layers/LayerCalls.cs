using System.Text;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>What system calls answer while a layer is filled, as what it means there.</summary>
internal static class LayerCalls
{
    /// <summary>Whether a disk, or what may be had of it, is full.</summary>
    internal static bool IsFullDisk(Exception e) => e is LinuxException { Errno: Errno.ENOSPC or Errno.EDQUOT } or IOException { HResult: Errno.ENOSPC or Errno.EDQUOT };

    internal static int Check(int result, string call, ReadOnlySpan<byte> name) => result >= 0 ? result
        : result is -Errno.EINVAL or -Errno.ENAMETOOLONG ? throw new ArchiveException($"the archive has a name that cannot be: {Encoding.UTF8.GetString(name)}")
        : throw new LinuxException(result, call, Encoding.UTF8.GetString(name));
}
