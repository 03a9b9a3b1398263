namespace Strata.Supervision.Tests.Simulation;

/// <summary>A process as the simulated machine knows it, with its (mis)behaviour drawn at birth.</summary>
internal sealed class SimulatedProcess(string name, int incarnation, int pid)
{
    internal string Name => name;

    internal int Incarnation => incarnation;

    internal int Pid => pid;

    internal bool Alive { get; set; } = true;

    /// <summary>From SIGTERM to its exit; null when it ignores SIGTERM.</summary>
    internal TimeSpan? TermDelay { get; init; }

    /// <summary>Whether a supervisor said that it cannot prove whose it is, and left it alone.</summary>
    internal bool IsReported { get; set; }

    /// <summary>SIGKILLs it takes to end it; more than one models a process stuck in the kernel for a while.</summary>
    internal int KillsNeeded { get; set; } = 1;

    /// <summary>When it stops giving signs of life; null when it never hangs.</summary>
    internal TimeSpan? HangsAt { get; init; }
}
