using System.Runtime.InteropServices;

namespace Strata.Supervisor.Tests;

/// <summary>What a test needs of the system and the library has no use for.</summary>
internal static class Native
{
    [DllImport("libc", EntryPoint = "mkfifo", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static extern int MakeFifo(string path, uint mode);

    /// <summary>What the kernel's monotonic clock says.</summary>
    internal static long MonotonicMicroseconds()
    {
        var time = new long[2];
        Assert.Equal(0, ClockGetTime(1, time));
        return (time[0] * 1_000_000) + (time[1] / 1000);
    }

    [DllImport("libc", EntryPoint = "clock_gettime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int ClockGetTime(int clock, [Out] long[] time);

    [DllImport("libc", EntryPoint = "getegid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static extern uint EffectiveGroup();
}
