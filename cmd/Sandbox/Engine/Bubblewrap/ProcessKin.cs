using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>A process and all that it has started, however they detached themselves.</summary>
/// <param name="endSandbox">Ends the sandbox that they are in.</param>
internal abstract class ProcessKin(Action endSandbox) : IDisposable
{
    /// <summary>How often they are looked for before those who flee, each bearing another and ending, are held while they are killed.</summary>
    internal const int FreeRounds = 5;

    /// <summary>How often they are looked for before those who still flee take their sandbox with them.</summary>
    internal const int MaxRounds = 10;

    /// <summary>Those that live, as the host numbers them; one who is born meanwhile may be missing.</summary>
    internal abstract IReadOnlyList<int> Members();

    /// <summary>Kills those that live now; one who is born meanwhile may live on.</summary>
    internal abstract void Kill();

    /// <summary>Does something while none of them is born.</summary>
    /// <exception cref="SandboxException">They cannot be held.</exception>
    internal abstract Task HoldAsync(Action action);

    /// <summary>The number of whoever was born last on the machine.</summary>
    private protected virtual int LastBorn() => ProcessNumbers.Last();

    public abstract void Dispose();

    /// <summary>Kills them all; returns when none lives.</summary>
    internal async Task EndAsync(DescriptorWatch watch)
    {
        if (!await TryEndAsync(Members, Kill, watch).ConfigureAwait(false))
        {
            endSandbox();
        }
    }

    /// <summary>Kills some of them and those whom they bear meanwhile; returns when none of those lives.</summary>
    /// <param name="whom">Looks for them, each with when it began (<see cref="ProcessStat.StartTicks"/>).</param>
    /// <param name="watch">Tells when they have ended.</param>
    internal async Task EndAsync(Func<IReadOnlyList<(int Pid, ulong StartTicks)>> whom, DescriptorWatch watch)
    {
        void KillThem()
        {
            foreach (var (pid, startTicks) in whom())
            {
                _ = KnownProcess.TrySignal(pid, startTicks, Signal.SIGKILL);
            }
        }

        if (!await TryEndAsync(() => [.. whom().Select(process => process.Pid)], KillThem, watch).ConfigureAwait(false))
        {
            await EndAsync(watch).ConfigureAwait(false);
        }
    }

    private async Task<bool> TryEndAsync(Func<IReadOnlyList<int>> whom, Action kill, DescriptorWatch watch)
    {
        for (int round = 1; ; round++)
        {
            bool free = round <= FreeRounds;
            if (free)
            {
                kill();
            }
            else if (!await TryHoldAsync(kill).ConfigureAwait(false))
            {
                return false;
            }

            int last = LastBorn();
            IReadOnlyList<int> left = whom();
            // A list that nobody was born beside misses nobody.
            if (left.Count == 0 && (!free || LastBorn() == last))
            {
                return true;
            }

            if (round == MaxRounds)
            {
                return false;
            }

            foreach (int pid in left)
            {
                await EndAsync(pid, whom, watch).ConfigureAwait(false);
            }
        }
    }

    private async Task<bool> TryHoldAsync(Action action)
    {
        try
        {
            await HoldAsync(action).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is SandboxException or LinuxException)
        {
            return false;
        }
    }

    // One who was born after the others were killed knows of nothing, so each that is waited for is killed by itself as well.
    private static async Task EndAsync(int pid, Func<IReadOnlyList<int>> whom, DescriptorWatch watch)
    {
        try
        {
            using var handle = ProcessHandle.Open(pid);
            if (whom().Contains(pid))
            {
                _ = ProcessHandle.TrySignal(handle, Signal.SIGKILL);
                await watch.WhenReadableAsync(handle, CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (LinuxException)
        {
            // It has ended.
        }
    }
}
