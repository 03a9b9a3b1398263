namespace Strata.Supervision;

/// <summary>A manifest as it lies on disk, before anybody has looked at it.</summary>
/// <param name="Path">How faults name it; its last part is <c>NAME.service.json</c>.</param>
/// <param name="Content">Its bytes; one more than <see cref="ManifestLimits.MaxFileBytes"/> is enough to be refused as too large.</param>
public sealed record ManifestFile(string Path, ReadOnlyMemory<byte> Content)
{
    /// <summary>How the name of every manifest file ends.</summary>
    public const string Suffix = ".service.json";

    /// <summary>Why there are no bytes; null (default) when there are.</summary>
    public string? Unreadable { get; init; }

    /// <summary>The service the file is named after.</summary>
    public string ServiceName => Path[(Path.LastIndexOf('/') + 1)..] is var name && name.EndsWith(Suffix, StringComparison.Ordinal) ? name[..^Suffix.Length] : name;
}
