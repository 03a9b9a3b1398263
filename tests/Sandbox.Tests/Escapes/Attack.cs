using System.Diagnostics;

namespace Strata.Sandbox.Tests;

/// <summary>Attacks as small Python programs, which print what came of each call.</summary>
internal static class Attack
{
    private const string Prelude = """
        import ctypes, errno, os, platform, socket, struct, sys, time
        libc = ctypes.CDLL(None, use_errno=True)
        arm = platform.machine() == 'aarch64'
        def call(x64, arm64, *arguments):
            ctypes.set_errno(0)
            result = libc.syscall(ctypes.c_long(arm64 if arm else x64), *[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments])
            return 'done' if result >= 0 else errno.errorcode[ctypes.get_errno()]
        def attempt(action):
            try:
                action()
                return 'done'
            except OSError as e:
                return errno.errorcode[e.errno]

        """;

    /// <summary>Runs it inside.</summary>
    internal static Task<Said> InsideAsync(ISandbox sandbox, string code, int? user = null) => sandbox.RunAsync(user, "python3", "-c", Prelude + code);

    /// <summary>Runs it on the host, as whoever the tests run as, to show what it would do.</summary>
    internal static async Task<string> OutsideAsync(string code)
    {
        using var process = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", Prelude + code]) { RedirectStandardOutput = true })!;
        string output = await process.StandardOutput.ReadToEndAsync().Soon();
        await process.WaitForExitAsync().Soon();
        return output;
    }

    /// <summary>Whom an attack is tried as inside: every user that there is.</summary>
    internal static int[] Users(EngineFixture fixture) => SandboxIds.OnDisk.IsSingle ? [fixture.Plan().User] : [1000, 0];
}
