namespace Strata.Supervision;

/// <summary>A process of a service as it is found again by whoever comes after the supervisor that started it.</summary>
/// <param name="Incarnation">Which instance it is.</param>
/// <param name="Pid">Its pid.</param>
/// <param name="StartTicks">When it started, in clock ticks since boot: with the pid and the boot it names one process.</param>
public sealed record KeptProcess(int Incarnation, int Pid, ulong StartTicks)
{
    /// <summary>Its control group; null without one.</summary>
    public KeptGroup? Group { get; init; }
}
