using System.Diagnostics;
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
        return Run("mount", "-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={bytes},mode=0700"), "tmpfs", path) ? new SmallDisk(path) : null;
    }

    public void Dispose() => Run("umount", "-l", _path);

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true });
        process!.WaitForExit();
        return process.ExitCode == 0;
    }
}
