using System.Diagnostics;
using Strata.Linux;

namespace Strata.Fs.Tests;

/// <summary>A mount that is gone at the end of a test. Only root makes mounts, and not on every machine.</summary>
internal sealed class Mount : IDisposable
{
    private readonly string _place;

    private Mount(string place) => _place = place;

    /// <summary>Mounts; null where that is not to be had.</summary>
    internal static Mount? TryMake(string place, params string[] arguments)
    {
        Directory.CreateDirectory(place);
        return UserId.Effective == 0 && Run("mount", [.. arguments, place]) == 0 ? new Mount(place) : null;
    }

    internal void Remount(string options) => Assert.Equal(0, Run("mount", ["-o", $"remount,{options}", _place]));

    public void Dispose() => Run("umount", ["-l", _place]);

    private static int Run(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }
}
