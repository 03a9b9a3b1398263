namespace Strata.Supervision;

/// <summary>A field of manifests, for people.</summary>
/// <param name="Path">Its place in the file, e.g. <c>readiness.timeout</c>.</param>
/// <param name="Description">What it is for.</param>
/// <param name="Range">What it may hold, in words; empty when there is nothing to tell.</param>
/// <param name="Default">What holds when it is left out, as JSON; null when that is nothing.</param>
/// <param name="IsRequired">Whether a manifest without it is refused.</param>
public sealed record ManifestFieldText(string Path, string Description, string Range, string? Default, bool IsRequired);
