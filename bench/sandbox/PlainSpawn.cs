using System.Runtime.InteropServices;

namespace Strata.Bench;

/// <summary>posix_spawn of the C library and waitpid, and nothing else: what a program costs on the host.</summary>
internal static class PlainSpawn
{
    /// <summary>Runs a program to its end.</summary>
    internal static void Run(string program, params string[] arguments)
    {
        var list = (string?[])[program, .. arguments, null];
        var error = Spawn(out var pid, program, 0, 0, list, ["PATH=/usr/bin:/bin", null]);
        if (error != 0 || Wait(pid, out var status, 0) != pid || status != 0)
        {
            throw new InvalidOperationException($"{program} on the host: error {error}");
        }
    }

    [DllImport("libc", EntryPoint = "posix_spawn", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int Spawn(out int pid, string path, nint actions, nint attributes, string?[] arguments, string?[] environment);

    [DllImport("libc", EntryPoint = "waitpid")]
    private static extern int Wait(int pid, out int status, int options);
}
