namespace Strata.Linux;

/// <summary>All there is to know for starting a program. Nothing is inherited that is not named here, except user, limits, confinement and working directory where they are left null.</summary>
public sealed record SpawnRequest
{
    /// <summary>The most descriptors beyond standard error.</summary>
    public const int MaxExtraDescriptors = 64;

    /// <summary>The program's path; PATH is not searched.</summary>
    public required string Program { get; init; }

    /// <summary>The arguments, the first of which is by custom the program's name. At least one.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>The whole environment as <c>NAME=value</c>. A name given twice is refused: programs differ in which one they take.</summary>
    public required IReadOnlyList<string> Environment { get; init; }

    /// <summary>The descriptor that becomes 0 in the child; null (default) for /dev/null.</summary>
    public int? StandardInput { get; init; }

    /// <summary>The descriptor that becomes 1 in the child; null (default) for /dev/null.</summary>
    public int? StandardOutput { get; init; }

    /// <summary>The descriptor that becomes 2 in the child; null (default) for /dev/null.</summary>
    public int? StandardError { get; init; }

    /// <summary>Descriptors that become 3, 4, ... in the child, for example a listening socket. They stay open here. Default none, at most <see cref="MaxExtraDescriptors"/>.</summary>
    public IReadOnlyList<int> ExtraDescriptors { get; init; } = [];

    /// <summary>Where the child starts; null (default) for our own working directory.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Whether the child leads a session and process group of its own, which <see cref="ChildProcess.TrySignalGroup"/> needs. Default true.</summary>
    public bool NewSession { get; init; } = true;

    /// <summary>What the child may not do; null (default) for nothing beyond what we may not.</summary>
    public Confinement? Confinement { get; init; }

    /// <summary>What the kernel limits for the child by itself; null (default) for our own limits.</summary>
    public ResourceLimits? Limits { get; init; }

    /// <summary>The control group the child runs in from before its first instruction; null (default) for our own.</summary>
    public ServiceGroup? Group { get; init; }

    /// <summary>
    /// Whether the kernel kills the child when the thread that made it ends, however that ends and whatever program the child is. Default false. Lost by
    /// exec of a set-uid program; what the child starts itself is not meant.
    /// </summary>
    public bool EndsWithParent { get; init; }

    /// <summary>
    /// Told the child's pid while it waits before the first instruction of its program; if it throws, or we die meanwhile, the program never begins.
    /// Null (default) for nothing.
    /// </summary>
    public Action<int>? BeforeStart { get; init; }

    /// <summary>Whether it takes a thread of its own.</summary>
    internal bool IsConfined => Confinement is not null || Group is not null || Limits is { IsEmpty: false };

    /// <summary>Checks what the kernel would not.</summary>
    internal void Validate()
    {
        if (Arguments.Count == 0)
        {
            throw new ArgumentException($"'{Program}' needs at least one argument, by custom its own name.");
        }

        if (ExtraDescriptors.Count > MaxExtraDescriptors)
        {
            throw new ArgumentException($"{ExtraDescriptors.Count} extra descriptors for '{Program}'; at most {MaxExtraDescriptors} are passed.");
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (string variable in Environment)
        {
            int equals = variable.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                throw new ArgumentException($"'{variable}' in the environment of '{Program}' is not of the form NAME=value.");
            }

            if (!names.Add(variable[..equals]))
            {
                throw new ArgumentException($"'{variable[..equals]}' is twice in the environment of '{Program}'; remove one.");
            }
        }
    }
}
