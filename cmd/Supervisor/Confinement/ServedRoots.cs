using System.Collections.Immutable;
using Strata.Policy;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>What fs serves is what the kernel lets it reach: the roots of <c>STRATA_FS_ROOTS</c> become the paths of its confinement. Pure.</summary>
internal static class ServedRoots
{
    /// <summary>The confinement of a service's manifest, with its roots when it is fs.</summary>
    internal static ConfinementPolicy? In(ServiceManifest manifest, ChildEnvironment environment) =>
        manifest.Name == BuiltInManifests.Fs.Name ? With(manifest.Confinement, environment.ValueOf(manifest, NamedRoots.Variable), environment.OwnDirectories) : manifest.Confinement;

    /// <summary>A confinement with roots. Ones that cannot be are left to fs, which names the fault and does not start.</summary>
    /// <param name="policy">The manifest's.</param>
    /// <param name="text">What names the roots; null for none.</param>
    /// <param name="own">The node's own directories, in which nothing is served to be written.</param>
    internal static ConfinementPolicy? With(ConfinementPolicy? policy, string? text, IReadOnlyList<(string Name, string Path)> own)
    {
        if (policy is null || !NamedRoots.TryParse(text, out var roots, out _) || !roots.AreNamed || roots.FaultWith(own) is not null)
        {
            return policy;
        }

        // Where a file has narrowed what is read, that stands beside the roots; all that is there gives way to them.
        ImmutableArray<string> narrowed = policy.Read.SequenceEqual(BuiltInManifests.Fs.Confinement!.Read) ? [] : policy.Read;
        return policy with
        {
            Read = [.. narrowed, .. roots.All.Where(root => !root.IsWritable).Select(root => root.Path.Value)],
            Write = [.. policy.Write, .. roots.All.Where(root => root.IsWritable).Select(root => root.Path.Value)],
        };
    }
}
