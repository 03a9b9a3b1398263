using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>A process started in a sandbox, with a control group of its own where there is one, so that all it started can be killed with it.</summary>
internal abstract class SandboxedProcess : IDisposable
{
    /// <summary>Its number on the host.</summary>
    internal abstract int Pid { get; }

    /// <summary>How it ended, once it has and is reaped.</summary>
    internal abstract Task<ProcessExit> Exited { get; }

    /// <summary>Signals the process, or its process group.</summary>
    internal abstract void Signal(int signal, bool group);

    /// <summary>Kills it and whatever it started, however that detached itself; returns when none is left.</summary>
    internal abstract Task KillTreeAsync();

    /// <summary>Kills some of its tree, and those whom they bear meanwhile; returns when none of those is left.</summary>
    /// <param name="whom">Looks for them, each with when it began (<see cref="ProcessStat.StartTicks"/>).</param>
    internal abstract Task KillAsync(Func<IReadOnlyList<(int Pid, ulong StartTicks)>> whom);

    /// <summary>
    /// It and all it started that still lives, as the host numbers them. An engine with a control group for each process knows them all; without one they are
    /// those that still have it for an ancestor.
    /// </summary>
    internal virtual IReadOnlyList<int> Members() => ProcessTree.Of(Pid);

    /// <inheritdoc/>
    public abstract void Dispose();
}
