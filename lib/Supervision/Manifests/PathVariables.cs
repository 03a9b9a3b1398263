using System.Collections.Immutable;

namespace Strata.Supervision;

/// <summary>Names that may begin a path of <c>confinement</c>, for directories that only the node knows.</summary>
public static class PathVariables
{
    /// <summary>The node's state directory.</summary>
    public const string StateDir = "$STRATA_STATE_DIR";

    /// <summary>The node's runtime directory.</summary>
    public const string RuntimeDir = "$STRATA_RUNTIME_DIR";

    /// <summary>The directory of the service's program.</summary>
    public const string ProgramDir = "$PROGRAM_DIR";

    /// <summary>All of them.</summary>
    public static ImmutableArray<string> All { get; } = [StateDir, RuntimeDir, ProgramDir];

    /// <summary>Puts directories in place of the names.</summary>
    /// <param name="path">A path that was checked.</param>
    /// <param name="directories">The directory of each name.</param>
    public static string Expand(string path, IReadOnlyDictionary<string, string> directories) =>
        Of(path) is { } name ? directories[name] + path[name.Length..] : path;

    /// <summary>The name a path begins with; null when it begins with none.</summary>
    internal static string? Of(string path) =>
        All.FirstOrDefault(name => path.StartsWith(name, StringComparison.Ordinal) && (path.Length == name.Length || path[name.Length] == '/'));
}
