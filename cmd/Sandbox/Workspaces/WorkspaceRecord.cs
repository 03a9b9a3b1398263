using System.Text.Json.Serialization;

namespace Strata.Sandbox;

/// <summary>What is kept of a workspace beside its files.</summary>
/// <param name="Version">Of this form: <see cref="CurrentVersion"/>.</param>
/// <param name="Owner">Whose it is.</param>
/// <param name="Name">What that owner calls it; it is in no path.</param>
/// <param name="Created">When it was made.</param>
/// <param name="MaxBytes">Most bytes in it.</param>
/// <param name="MaxFiles">Most files and directories in it.</param>
internal sealed record WorkspaceRecord(int Version, string Owner, string Name, DateTimeOffset Created, long MaxBytes, long MaxFiles)
{
    internal const int CurrentVersion = 1;
}

/// <summary>JSON of what is kept beside sessions.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(WorkspaceRecord))]
[JsonSerializable(typeof(SnapshotRecord))]
internal sealed partial class KeptJson : JsonSerializerContext;
