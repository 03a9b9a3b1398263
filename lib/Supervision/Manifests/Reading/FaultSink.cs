using System.Collections.Immutable;

namespace Strata.Supervision;

/// <summary>Collects the faults of one file with their places, up to a number that a person can still read.</summary>
internal sealed class FaultSink(ManifestFile file)
{
    private readonly LineIndex _lines = new(file.Content);
    private readonly List<LocatedFault> _faults = [];

    internal ImmutableArray<LocatedFault> ToImmutable() => [.. _faults];

    /// <summary>Whether a fault of this field, or of one inside or around it, is known already.</summary>
    internal bool Covers(string field) => Covers(_faults, field);

    /// <summary>Whether one of these faults is of this field, or of one inside or around it.</summary>
    internal static bool Covers(IEnumerable<LocatedFault> faults, string field) =>
        faults.Any(f => f.Field == field || IsInside(f.Field, field) || IsInside(field, f.Field));

    /// <summary>Adds a fault at a byte.</summary>
    internal void Add(int offset, string field, string message)
    {
        if (_faults.Count < ManifestLimits.MaxFaultsPerFile)
        {
            var (line, column) = _lines.Of(offset);
            _faults.Add(new LocatedFault(file.Path, line, column, Shown.Text(field), message));
        }
        else if (_faults.Count == ManifestLimits.MaxFaultsPerFile)
        {
            _faults.Add(new LocatedFault(file.Path, 0, 0, "", "has more faults than are shown"));
        }
    }

    /// <summary>Adds a fault of the file as a whole.</summary>
    internal void AddWhole(string message) => _faults.Add(new LocatedFault(file.Path, 0, 0, "", message));

    private static bool IsInside(string inner, string outer) =>
        inner.Length > outer.Length && inner.StartsWith(outer, StringComparison.Ordinal) && inner[outer.Length] is '.' or '[';
}
