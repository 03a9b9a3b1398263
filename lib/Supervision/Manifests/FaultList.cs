using System.Collections.Immutable;

namespace Strata.Supervision;

/// <summary>Collects the faults of one manifest under its name.</summary>
internal sealed class FaultList(string service)
{
    private readonly ImmutableArray<ManifestFault>.Builder _faults = ImmutableArray.CreateBuilder<ManifestFault>();

    internal void Add(string field, string message, string? item = null) => _faults.Add(new ManifestFault(service, field, message) { Item = item });

    internal ImmutableArray<ManifestFault> ToImmutable() => _faults.ToImmutable();
}
