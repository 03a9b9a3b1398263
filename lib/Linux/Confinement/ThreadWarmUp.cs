using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>Makes each call of a confined spawn once, with arguments that change nothing.</summary>
internal static unsafe class ThreadWarmUp
{
    internal static void Run()
    {
        _ = Libc.Result(Libc.syscall(Libc.SYS_setresuid, -1, -1, -1, 0));
        _ = Libc.unshare(0);
        _ = Libc.mount(null, null, null, 0, null);
        _ = Libc.openat(-1, null, 0, 0);
        _ = Libc.mkdirat(-1, null, 0);
        _ = Libc.prctl(Libc.PR_CAPBSET_READ, 0, 0, 0, 0);
        _ = Libc.close(-1);
        _ = SpawnHold.MoveListener(-1, -1);
        _ = SpawnHold.Install([], listen: false);
        _ = Landlock.Restrict(-1);
        _ = Landlock.AllowWrite(-1, null);
        _ = CapabilitySet.Permitted();

        // A directory cannot be executed: the spawn fails after all of its steps.
        var nothing = new SpawnRequest { Program = "/", Arguments = ["/"], Environment = [] };
        using var prepared = PreparedSpawn.Of(nothing, hold: false);
        try
        {
            _ = prepared.Finish(prepared.TrySpawn(), beforeStart: null);
        }
        catch (LinuxException)
        {
            // As meant.
        }
    }
}
