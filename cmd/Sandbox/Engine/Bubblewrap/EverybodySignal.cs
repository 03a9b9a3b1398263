using System.Globalization;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>
/// A signal to everybody in a sandbox but its first process, from a process that goes in for it: then the kernel sends it to all at once, and whoever is
/// being born gets it as well or is not born (kill(2) with -1, and copy_process() since Linux 4.19). Nobody flees from that, as they can from one who lists
/// them and signals each.
/// </summary>
internal static class EverybodySignal
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Sends it.</summary>
    /// <param name="engine">Where the process is started from.</param>
    /// <param name="init">A pidfd of the sandbox's first process.</param>
    /// <param name="signal">The signal.</param>
    /// <exception cref="SandboxException">It was not sent in time: somebody inside holds up who goes in, or the sandbox has ended.</exception>
    internal static async Task SendAsync(BubblewrapEngine engine, FileDescriptor init, int signal)
    {
        using var limit = new CancellationTokenSource(Patience);
        using var run = await engine.SpawnAsync(Script(signal), default, [init.Number], _ => { }, limit.Token).ConfigureAwait(false);
        await ReapAsync(engine.Watch, run.Process, limit.Token).ConfigureAwait(false);
        string why = "its process was killed";
        while (run.TryRead(out string call, out int result) == 1)
        {
            if (call == CallScript.ContinueName && result > 0)
            {
                using var inside = ChildProcess.OfChild(result);
                ProcessExit exit = await ReapAsync(engine.Watch, inside, limit.Token).ConfigureAwait(false);
                why = exit.Code == 0 ? "" : why;
            }
            else if (result == -Errno.ESRCH && call.StartsWith("kill", StringComparison.Ordinal))
            {
                why = ""; // There is nobody.
            }
            else
            {
                why = string.Create(CultureInfo.InvariantCulture, $"{call}: {Errno.Name(-result)}");
            }
        }

        if (why.Length > 0)
        {
            throw new SandboxException(ErrorCode.Unavailable, SandboxReasons.SandboxUnavailable, $"the sandbox's processes cannot be signalled ({why}); it may just have ended");
        }
    }

    // Whoever inside is the same user may have stopped it.
    private static async Task<ProcessExit> ReapAsync(DescriptorWatch watch, ChildProcess process, CancellationToken limit)
    {
        try
        {
            await watch.WhenReadableAsync(process.Handle, limit).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _ = process.TrySignal(Signal.SIGKILL);
            await watch.WhenReadableAsync(process.Handle, CancellationToken.None).ConfigureAwait(false);
        }

        _ = process.TryReap(out ProcessExit exit);
        return exit;
    }

    private static CallScript Script(int signal)
    {
        var script = new CallScript();
        script.SetName("strata-signal");
        script.ForbidDumps();
        script.Enter(CallScript.FirstDescriptor, NamespaceKinds.Users | NamespaceKinds.Processes);
        script.Continue();
        script.SignalAll(signal);
        script.End();
        return script;
    }
}
