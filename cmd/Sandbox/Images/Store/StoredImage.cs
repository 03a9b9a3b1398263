namespace Strata.Sandbox;

/// <summary>An image as it is now.</summary>
/// <param name="Record">What was stored.</param>
/// <param name="Names">The names that mean it.</param>
/// <param name="Layers">Its layers, the lowest first.</param>
/// <param name="Uses">How many sessions have it.</param>
internal sealed record StoredImage(ImageRecord Record, IReadOnlyList<string> Names, IReadOnlyList<LayerRecord> Layers, int Uses);

/// <summary>What was removed.</summary>
/// <param name="Images">Digests of images.</param>
/// <param name="Layers">How many layers.</param>
/// <param name="Bytes">About how much room that gives.</param>
internal sealed record RemovedImages(IReadOnlyList<string> Images, int Layers, long Bytes);
