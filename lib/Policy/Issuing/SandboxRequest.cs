namespace Strata.Policy;

/// <summary>What somebody asks for of <see cref="SandboxBounds"/>, as it came. Null means that the field was not given.</summary>
public sealed record SandboxRequest
{
    /// <summary>Images, or beginnings of their names followed by <c>*</c>.</summary>
    public IReadOnlyList<string>? Images { get; init; }

    /// <summary>Most memory of one sandbox.</summary>
    public long? MaxMemoryBytes { get; init; }

    /// <summary>Most thousandths of a processor of one sandbox.</summary>
    public long? MaxCpuMillis { get; init; }

    /// <summary>Most processes of one sandbox.</summary>
    public long? MaxPids { get; init; }

    /// <summary>Most bytes that one sandbox may change.</summary>
    public long? MaxDiskBytes { get; init; }

    /// <summary>Most sessions at once.</summary>
    public long? MaxSessions { get; init; }

    /// <summary>Kinds of network.</summary>
    public IReadOnlyList<string>? Networks { get; init; }

    /// <summary>Hosts, or <c>*.</c> and a domain.</summary>
    public IReadOnlyList<string>? Domains { get; init; }

    /// <summary>Paths of programs.</summary>
    public IReadOnlyList<string>? Commands { get; init; }
}
