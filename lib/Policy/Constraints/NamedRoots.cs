using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Strata.Policy;

/// <summary>
/// What of the host the file service serves, as <c>STRATA_FS_ROOTS</c> says: <c>home:/srv/home:rw,docs:/srv/docs</c>. Without any, all of
/// the host may be named by capabilities and nothing is changed. Pure.
/// </summary>
public sealed class NamedRoots
{
    /// <summary>The variable that says them.</summary>
    public const string Variable = "STRATA_FS_ROOTS";

    /// <summary>The most roots.</summary>
    public const int MaxRoots = 64;

    private const string Writable = ":rw";
    private const string ReadOnly = ":ro";

    private NamedRoots(ImmutableArray<NamedRoot> all) => All = all;

    /// <summary>No roots are named.</summary>
    public static NamedRoots None { get; } = new([]);

    /// <summary>The roots, in the order they were given.</summary>
    public ImmutableArray<NamedRoot> All { get; }

    /// <summary>Whether roots were named.</summary>
    public bool AreNamed => !All.IsEmpty;

    /// <summary>Reads the roots.</summary>
    /// <param name="text"><c>NAME:PATH</c>, <c>NAME:PATH:ro</c> or <c>NAME:PATH:rw</c>, separated by commas; null or empty names none.</param>
    /// <param name="roots">The roots, when the answer is true.</param>
    /// <param name="fault">What is wrong, when the answer is false; reads on from the variable's name.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out NamedRoots? roots, [NotNullWhen(false)] out string? fault)
    {
        (roots, fault) = (null, null);
        var all = ImmutableArray.CreateBuilder<NamedRoot>();
        foreach (var entry in string.IsNullOrEmpty(text) ? [] : text.Split(','))
        {
            if (all.Count == MaxRoots)
            {
                fault = $"names more than {MaxRoots} roots";
                return false;
            }

            if (!TryRead(entry, out var root, out fault))
            {
                return false;
            }

            if (all.Any(other => other.Name == root.Name))
            {
                fault = $"names the root \"{root.Name}\" twice";
                return false;
            }

            all.Add(root);
        }

        roots = new NamedRoots(all.ToImmutable());
        return true;
    }

    /// <summary>What a writable root must not hold or lie in, because whoever changes it there has the node's own authority.</summary>
    /// <param name="directories">The node's own directories, by what they are called.</param>
    /// <returns>What is wrong; reads on from the variable's name. Null when nothing is.</returns>
    public string? FaultWith(IEnumerable<(string Name, string Path)> directories)
    {
        foreach (var (name, path) in directories)
        {
            if (PathPrefix.TryParse(path, out var own, out _)
                && All.FirstOrDefault(root => root.IsWritable && (root.Path.Contains(own) || own.Contains(root.Path))) is { } root)
            {
                return $"lets \"{root.Name}\" be written, which {(root.Path.Contains(own) ? "holds" : "lies in")} the node's own {name}; choose another folder, or leave \":rw\" out";
            }
        }

        return null;
    }

    /// <summary>The root that a prefix lies in: the one it names, or for a path of the host the innermost around it; null when there is none.</summary>
    public NamedRoot? Of(PathPrefix prefix) => prefix.RootName is { } name
        ? All.SingleOrDefault(root => root.Name == name)
        : All.Where(root => root.Path.Contains(prefix)).MaxBy(root => root.Path.Value.Length);

    private static bool TryRead(string entry, [NotNullWhen(true)] out NamedRoot? root, [NotNullWhen(false)] out string? fault)
    {
        (root, fault) = (null, null);
        var writable = entry.EndsWith(Writable, StringComparison.Ordinal);
        var end = writable || entry.EndsWith(ReadOnly, StringComparison.Ordinal) ? entry.Length - Writable.Length : entry.Length;
        var colon = entry.IndexOf(':', StringComparison.Ordinal);
        if (colon is -1 || !NamedRoot.IsName(entry[..colon]) || end <= colon)
        {
            fault = $"must be NAME:PATH, NAME:PATH:ro or NAME:PATH:rw, separated by commas, with lower-case names of at most {NamedRoot.MaxNameChars} characters; it has \"{entry}\"";
        }
        else if (!PathPrefix.TryParse(entry[(colon + 1)..end], out var path, out fault) || path.RootName is not null)
        {
            fault = $"names for \"{entry[..colon]}\" what is no folder: it {fault ?? "must be an absolute path of the host"}";
        }
        else
        {
            root = new NamedRoot(entry[..colon], path, writable);
        }

        return root is not null;
    }
}
