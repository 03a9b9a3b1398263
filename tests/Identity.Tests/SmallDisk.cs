using System.Globalization;

namespace Strata.Identity.Tests;

/// <summary>A file system in memory that is soon full.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly string _path;

    private SmallDisk(string path) => _path = path;

    /// <summary>Null where this user may not mount.</summary>
    internal static SmallDisk? TryMount(string path, int bytes)
    {
        Directory.CreateDirectory(path);
        return Native.MountMemory(path, string.Create(CultureInfo.InvariantCulture, $"size={bytes},mode=0700")) ? new SmallDisk(path) : null;
    }

    public void Dispose() => Native.Unmount(_path);
}
