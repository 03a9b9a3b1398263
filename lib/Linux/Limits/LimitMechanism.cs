namespace Strata.Linux;

/// <summary>What enforces a service's limits.</summary>
public enum LimitMechanism
{
    /// <summary>Nothing: it has none.</summary>
    None,

    /// <summary>Limits of each process by itself.</summary>
    Rlimit,

    /// <summary>A control group in the hierarchies of version 1.</summary>
    Cgroup1,

    /// <summary>A control group of version 2.</summary>
    Cgroup2,
}
