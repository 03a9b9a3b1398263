using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>A process to start in a sandbox. Nothing is inherited.</summary>
internal sealed record SandboxedStart
{
    /// <summary>The program's path inside; a name without a slash is searched in PATH of <see cref="Environment"/>, inside.</summary>
    internal required string Program { get; init; }

    /// <summary>The arguments, with the program's name first.</summary>
    internal required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>The whole environment as NAME=value.</summary>
    internal required IReadOnlyList<string> Environment { get; init; }

    /// <summary>Where it starts, inside.</summary>
    internal string WorkingDirectory { get; init; } = "/workspace";

    /// <summary>Descriptors that become 0, 1, 2 (null: /dev/null) and, in <see cref="Extra"/>, the numbers named.</summary>
    internal int? StandardInput { get; init; }

    /// <inheritdoc cref="StandardInput"/>
    internal int? StandardOutput { get; init; }

    /// <inheritdoc cref="StandardInput"/>
    internal int? StandardError { get; init; }

    /// <summary>Further descriptors by their number inside, 3 to 63.</summary>
    internal IReadOnlyDictionary<int, int> Extra { get; init; } = new Dictionary<int, int>();

    /// <summary>A terminal that becomes its controlling one and its 0, 1 and 2; null for none.</summary>
    internal SandboxTerminal? Terminal { get; init; }

    /// <summary>Whom it runs as inside; null for the plan's user.</summary>
    internal int? User { get; init; }
}
