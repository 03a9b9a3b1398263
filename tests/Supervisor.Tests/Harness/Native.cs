using System.Runtime.InteropServices;

namespace Strata.Supervisor.Tests;

/// <summary>What a test needs of the system and the library has no use for.</summary>
internal static class Native
{
    [DllImport("libc", EntryPoint = "mkfifo", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static extern int MakeFifo(string path, uint mode);

    [DllImport("libc", EntryPoint = "getegid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static extern uint EffectiveGroup();
}
