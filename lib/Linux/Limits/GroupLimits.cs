namespace Strata.Linux;

/// <summary>Limits of a service as a whole, however many processes it has. Null leaves a resource unlimited.</summary>
/// <param name="MemoryBytes">Memory in bytes; at the limit the kernel reclaims, then kills.</param>
/// <param name="Cpus">Processors' worth of time, for example 0.5.</param>
/// <param name="Processes">Processes and threads at once; one more fails to start.</param>
public sealed record GroupLimits(long? MemoryBytes, double? Cpus, int? Processes)
{
    /// <summary>The period the processor time is measured in, in microseconds.</summary>
    public const int CpuPeriodMicroseconds = 100_000;

    /// <summary>Whether anything is limited.</summary>
    public bool IsEmpty => MemoryBytes is null && Cpus is null && Processes is null;

    /// <summary>The processor time of one period, in microseconds; the kernel takes no less than a millisecond.</summary>
    public long? CpuQuotaMicroseconds => Cpus is { } cpus ? Math.Max(1000, (long)Math.Round(cpus * CpuPeriodMicroseconds)) : null;
}
