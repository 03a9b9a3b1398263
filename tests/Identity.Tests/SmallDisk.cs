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

    /// <summary>Takes all the room there is, by a file that may be deleted again.</summary>
    internal static string Fill(string path)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
            {
                file.Write(new byte[4096]);
            }
        }
        catch (IOException)
        {
            return path;
        }
    }

    public void Dispose() => Native.Unmount(_path);
}
