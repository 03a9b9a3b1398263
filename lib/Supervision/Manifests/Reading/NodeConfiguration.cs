using System.Collections.Immutable;

namespace Strata.Supervision;

/// <summary>
/// The whole configuration of a node: its built-in services and those of manifest files, read and checked together. It
/// either has a plan or faults, never half of one.
/// </summary>
public sealed class NodeConfiguration
{
    private readonly ImmutableDictionary<string, ManifestDocument> _documents;

    private NodeConfiguration(ImmutableDictionary<string, ManifestDocument> documents, NodePlan? plan, ImmutableArray<LocatedFault> faults) =>
        (_documents, Plan, Faults) = (documents, plan, faults);

    /// <summary>What the node runs; null when there are faults.</summary>
    public NodePlan? Plan { get; }

    /// <summary>Every fault, by file and place; empty when there is none.</summary>
    public ImmutableArray<LocatedFault> Faults { get; }

    /// <summary>Reads and checks files on top of the built-in services.</summary>
    /// <param name="files">Manifest files with distinct names; see <see cref="ManifestLimits.MaxServices"/>.</param>
    /// <param name="found">Faults found before anything was read, for example of the directory.</param>
    public static NodeConfiguration Read(IReadOnlyCollection<ManifestFile> files, IReadOnlyCollection<LocatedFault>? found = null)
    {
        // Names that are no text look alike once they are shown; the first is refused for its name, and so are all.
        var documents = files.Take(ManifestLimits.MaxServices + 1).DistinctBy(file => file.ServiceName, StringComparer.Ordinal)
            .Select(file => ManifestReader.Read(file, BuiltInManifests.Find(file.ServiceName)))
            .ToImmutableDictionary(d => d.Manifest.Name, StringComparer.Ordinal);
        var manifests = BuiltInManifests.All.Where(m => !documents.ContainsKey(m.Name)).Concat(documents.Values.Select(d => d.Manifest));
        var configuration = new NodeConfiguration(documents, null, []);
        _ = NodePlan.TryCreate(manifests, out var plan, out var faults);
        LocatedFault[] all = [.. found ?? [], .. documents.Values.SelectMany(d => d.Faults), .. faults.Where(configuration.IsNews).Select(configuration.Locate)];
        return new NodeConfiguration(documents, all.Length == 0 ? plan : null, [.. all.OrderBy(f => f.File, StringComparer.Ordinal).ThenBy(f => f.Line).ThenBy(f => f.Column)]);
    }

    /// <summary>Gives a fault its place; one of no file stands under the name of its service.</summary>
    public LocatedFault Locate(ManifestFault fault)
    {
        if (!_documents.TryGetValue(fault.Service, out var document))
        {
            return new LocatedFault(fault.Service.Length == 0 ? "services" : fault.Service, 0, 0, fault.Field, fault.Message);
        }

        var (line, column) = new LineIndex(document.Source.Content).Of(document.PlaceOf(fault));
        return new LocatedFault(document.Source.Path, line, column, fault.Item ?? fault.Field, fault.Message);
    }

    // What a file says in place of a faulty field is nobody's word, and a file that could not be read says nothing.
    private bool IsNews(ManifestFault fault) =>
        !_documents.TryGetValue(fault.Service, out var document)
        || (document.IsManifest ? !FaultSink.Covers(document.Faults, fault.Item ?? fault.Field) : fault.Field == "name");
}
