using System.Globalization;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>Where manifests say what.</summary>
internal sealed class ManifestPlaces
{
    private const string BuiltIn = "built-in";

    /// <summary>Gives a fault of the present configuration its place; a place is where a fault would be.</summary>
    internal Func<ManifestFault, LocatedFault>? Locate { get; set; }

    /// <summary>FILE:LINE:COLUMN of a field or one of its items; <c>built-in</c> when no file says it.</summary>
    internal string Of(string service, string field, string? item = null) =>
        Locate?.Invoke(new ManifestFault(service, field, "") { Item = item }) is { Line: > 0 } place
            ? string.Create(CultureInfo.InvariantCulture, $"{place.File}:{place.Line}:{place.Column}")
            : BuiltIn;
}
