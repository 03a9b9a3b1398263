using System.Collections.Immutable;

namespace Strata.Supervision;

/// <summary>A manifest file that was read.</summary>
/// <param name="Source">The file.</param>
/// <param name="Manifest">What it declares, with defaults in place of whatever is at fault.</param>
/// <param name="IsManifest">False when the file could not be read at all and the manifest stands for its name alone.</param>
/// <param name="Places">First byte of every value, by path.</param>
/// <param name="Faults">What is wrong, in the order of the file.</param>
internal sealed record ManifestDocument(
    ManifestFile Source, ServiceManifest Manifest, bool IsManifest, ImmutableDictionary<string, int> Places, ImmutableArray<LocatedFault> Faults)
{
    /// <summary>The first byte of what a fault is about: the item it names, its field, or what lies around that.</summary>
    internal int PlaceOf(ManifestFault fault)
    {
        if (fault.Item is { } item && Places.TryGetValue(item, out var exact))
        {
            return exact;
        }

        for (var path = fault.Field; path.Length > 0; path = path[..Math.Max(0, path.LastIndexOf('.'))])
        {
            if (Places.TryGetValue(path, out var place))
            {
                return place;
            }
        }

        return Places.GetValueOrDefault("");
    }
}
