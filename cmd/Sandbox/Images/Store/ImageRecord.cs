using System.Text.Json.Serialization;

namespace Strata.Sandbox;

/// <summary>An image that is stored whole: written last, so that what it names is there.</summary>
/// <param name="Version">Of this form: <see cref="CurrentVersion"/>.</param>
/// <param name="Manifest">The digest of its manifest; the image's own.</param>
/// <param name="Config">The digest of its configuration.</param>
/// <param name="Layers">The digests of its layers, unpacked, the lowest first.</param>
/// <param name="PackedBytes">How long the layers were on their way.</param>
/// <param name="Stored">When it was stored.</param>
/// <param name="Defaults">What its programs are started with.</param>
internal sealed record ImageRecord(
    int Version, string Manifest, string Config, IReadOnlyList<string> Layers, long PackedBytes, DateTimeOffset Stored, ImageDefaults Defaults)
{
    internal const int CurrentVersion = 1;

    internal Digest Digest => Sandbox.Digest.TryParse(Manifest)!.Value;
}

/// <summary>What the programs of an image are started with, as its maker said.</summary>
/// <param name="Environment">NAME=value each.</param>
/// <param name="WorkingDirectory">Where; empty for the root.</param>
/// <param name="User">As whom, a name or number; empty for root.</param>
/// <param name="Entrypoint">The program that all are arguments of.</param>
/// <param name="Command">What is run when nobody says something else.</param>
internal sealed record ImageDefaults(
    IReadOnlyList<string> Environment, string WorkingDirectory, string User, IReadOnlyList<string> Entrypoint, IReadOnlyList<string> Command);

/// <summary>A layer that is unpacked whole.</summary>
/// <param name="Version">Of this form: <see cref="ImageRecord.CurrentVersion"/>.</param>
/// <param name="Digest">Of the unpacked archive.</param>
/// <param name="Bytes">About how much it takes on disk.</param>
/// <param name="Entries">How many entries the archive had.</param>
/// <param name="Check">What <see cref="TreeCheck"/> made of the directory.</param>
internal sealed record LayerRecord(int Version, string Digest, long Bytes, int Entries, string Check);

/// <summary>Which image a name means.</summary>
/// <param name="Version">Of this form: <see cref="ImageRecord.CurrentVersion"/>.</param>
/// <param name="Names">Digests of images by their names.</param>
internal sealed record ImageNames(int Version, IReadOnlyDictionary<string, string> Names);

/// <summary>JSON of what is kept of images.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ImageRecord))]
[JsonSerializable(typeof(LayerRecord))]
[JsonSerializable(typeof(ImageNames))]
internal sealed partial class ImageJson : JsonSerializerContext;
