using System.Text.Json;

namespace Strata.Supervision;

/// <summary>One row of the table of fields.</summary>
internal sealed record ManifestField
{
    /// <summary>Its place in the file, e.g. <c>readiness.timeout</c>; a dot means an object around it.</summary>
    internal required string Path { get; init; }

    /// <summary>What it is for, in a few words.</summary>
    internal required string Description { get; init; }

    /// <summary>What holds when it is left out, as JSON; null when that is nothing.</summary>
    internal string? Default { get; init; }

    /// <summary>Its range in words; empty when there is none to tell.</summary>
    internal required string Range { get; init; }

    /// <summary>Whether a manifest without it is refused.</summary>
    internal required bool IsRequired { get; init; }

    /// <summary>Whether a file may set it for a built-in service.</summary>
    internal required bool IsTunable { get; init; }

    /// <summary>Puts the value into a manifest; a fault leaves the manifest as it is.</summary>
    internal required Func<ServiceManifest, JsonPiece, FaultSink, ServiceManifest> Apply { get; init; }

    /// <summary>Writes the schema of the value.</summary>
    internal required Action<Utf8JsonWriter> WriteShape { get; init; }
}
