namespace Strata.Supervision;

/// <summary>What a service may use at most, all of its processes together. Null, the default of each, is without limit.</summary>
public sealed record LimitsPolicy
{
    /// <summary>Nothing limited.</summary>
    public static LimitsPolicy None { get; } = new();

    /// <summary>Memory in bytes: 1 MiB to 16 TiB.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Processors' worth of time: 0.01 to 1024.</summary>
    public double? Cpus { get; init; }

    /// <summary>Processes and threads at once: 1 to 4194304.</summary>
    public int? Pids { get; init; }

    /// <summary>Open descriptors of each process: 16 to 1048576.</summary>
    public int? OpenFiles { get; init; }

    /// <summary>Whether something of it takes a control group.</summary>
    public bool IsOfTheWhole => MemoryBytes is not null || Cpus is not null || Pids is not null;
}
