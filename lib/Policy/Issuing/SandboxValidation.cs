namespace Strata.Policy;

/// <summary>From what was asked for to bounds of sandboxes, and whether bounds are within others.</summary>
internal static class SandboxValidation
{
    /// <summary>Applies what was given; what was not leaves the bound as it is.</summary>
    internal static FieldFault? TryApply(SandboxRequest? request, ref CapabilityConstraints constraints)
    {
        if (request is null)
        {
            return null;
        }

        var fault = FaultOfNames("images", request.Images, SandboxNames.IsImagePattern, "an image, or the beginning of its name followed by *, such as \"python:*\"")
            ?? FaultOfNames("networks", request.Networks, SandboxNames.IsNetwork, "none, proxy, bridge or host")
            ?? FaultOfNames("domains", request.Domains, SandboxNames.IsDomainPattern, "a host name in lower case, or *. and one, such as \"*.example.org\"")
            ?? FaultOfNames("commands", request.Commands, SandboxNames.IsCommand, "the absolute path of a program, such as \"/usr/bin/git\"")
            ?? Numbers(request).Select(n => FaultOfNumber(n.Field, n.Value, n.Max)).FirstOrDefault(f => f is not null);
        if (fault is not null)
        {
            return fault;
        }

        var known = constraints.Sandbox;
        constraints = constraints with
        {
            Sandbox = known with
            {
                Images = ListOf(request.Images, known.Images), Networks = ListOf(request.Networks, known.Networks), Domains = ListOf(request.Domains, known.Domains),
                Commands = ListOf(request.Commands, known.Commands), MaxMemoryBytes = request.MaxMemoryBytes ?? known.MaxMemoryBytes,
                MaxCpuMillis = request.MaxCpuMillis ?? known.MaxCpuMillis, MaxPids = request.MaxPids ?? known.MaxPids,
                MaxDiskBytes = request.MaxDiskBytes ?? known.MaxDiskBytes, MaxSessions = request.MaxSessions ?? known.MaxSessions,
            },
        };
        return null;
    }

    /// <summary>The first bound by which a child exceeds its parent; null when it stays within.</summary>
    internal static FieldFault? FindExcess(SandboxBounds child, SandboxBounds parent) =>
        FindExcessNames("images", child.Images, parent.Images, SandboxNames.CoversImage)
        ?? FindExcessNames("networks", child.Networks, parent.Networks, string.Equals)
        ?? FindExcessNames("domains", child.Domains, parent.Domains, SandboxNames.CoversDomain)
        ?? FindExcessNames("commands", child.Commands, parent.Commands, string.Equals)
        ?? FindExcessNumber("max_memory_bytes", child.MaxMemoryBytes, parent.MaxMemoryBytes)
        ?? FindExcessNumber("max_cpu_millis", child.MaxCpuMillis, parent.MaxCpuMillis)
        ?? FindExcessNumber("max_pids", child.MaxPids, parent.MaxPids)
        ?? FindExcessNumber("max_disk_bytes", child.MaxDiskBytes, parent.MaxDiskBytes)
        ?? FindExcessNumber("max_sessions", child.MaxSessions, parent.MaxSessions);

    private static IEnumerable<(string Field, long? Value, long Max)> Numbers(SandboxRequest request) =>
    [
        ("max_memory_bytes", request.MaxMemoryBytes, ClaimLimits.MaxByteCount), ("max_cpu_millis", request.MaxCpuMillis, ClaimLimits.MaxSandboxNumber),
        ("max_pids", request.MaxPids, ClaimLimits.MaxSandboxNumber), ("max_disk_bytes", request.MaxDiskBytes, ClaimLimits.MaxByteCount),
        ("max_sessions", request.MaxSessions, ClaimLimits.MaxSandboxNumber),
    ];

    private static FieldFault? FaultOfNumber(string field, long? value, long max) =>
        value < 1 || value > max ? new FieldFault($"sandbox.{field}", $"must be from 1 to {max}") : null;

    private static FieldFault? FaultOfNames(string field, IReadOnlyList<string>? names, Func<string?, bool> isValid, string expected)
    {
        if (names is null)
        {
            return null;
        }

        if (names.Count is 0 or > ClaimLimits.MaxSandboxNames)
        {
            return new FieldFault($"sandbox.{field}", $"must have 1 to {ClaimLimits.MaxSandboxNames} entries, or be left out");
        }

        for (var i = 0; i < names.Count; i++)
        {
            if (!isValid(names[i]))
            {
                return new FieldFault($"sandbox.{field}[{i}]", $"must be {expected}");
            }
        }

        return null;
    }

    private static NameList ListOf(IReadOnlyList<string>? wanted, NameList known) => wanted is null ? known : NameList.Of(wanted);

    private static FieldFault? FindExcessNames(string field, NameList child, NameList parent, Func<string, string, bool> covers) =>
        parent.Count > 0 && (child.Count == 0 || !child.All(name => parent.Any(pattern => covers(pattern, name))))
            ? new FieldFault($"sandbox.{field}", $"must be given and be among those of your own capability: {parent}")
            : null;

    private static FieldFault? FindExcessNumber(string field, long? child, long? parent) => parent is { } most && !(child <= most)
        ? new FieldFault($"sandbox.{field}", $"must be given and be at most {most}, that of your own capability")
        : null;
}
