using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Strata.Sandbox;

/// <summary>A manifest, or a list of them: of which the one has layers and the other manifests.</summary>
internal sealed record OciDocument(int SchemaVersion, string? MediaType, OciDescriptor? Config, IReadOnlyList<OciDescriptor>? Layers, IReadOnlyList<OciDescriptor>? Manifests);

/// <summary>What a document names by its digest.</summary>
internal sealed record OciDescriptor(string? MediaType, string Digest, long Size, OciPlatform? Platform)
{
    /// <summary>The digest.</summary>
    /// <exception cref="ArchiveException">It is none that is known.</exception>
    [JsonIgnore]
    internal Digest Known => Sandbox.Digest.TryParse(Digest) ?? throw new ArchiveException("the image names something by a digest that is no sha256");
}

/// <summary>What a manifest of a list is for.</summary>
internal sealed record OciPlatform(string? Architecture, string? Os);

/// <summary>The configuration of an image.</summary>
internal sealed record OciConfig(string? Architecture, string? Os, OciRunConfig? Config, OciRootFs? Rootfs);

/// <summary>Which layers a root is made of.</summary>
internal sealed record OciRootFs([property: JsonPropertyName("diff_ids")] IReadOnlyList<string>? DiffIds)
{
    public string Type { get; init; } = "layers";
}

/// <summary>What programs are started with.</summary>
internal sealed record OciRunConfig(
    [property: JsonPropertyName("Env")] IReadOnlyList<string>? Env,
    [property: JsonPropertyName("WorkingDir")] string? WorkingDir,
    [property: JsonPropertyName("User")] string? User,
    [property: JsonPropertyName("Entrypoint")] IReadOnlyList<string>? Entrypoint,
    [property: JsonPropertyName("Cmd")] IReadOnlyList<string>? Cmd);

/// <summary>An image of an archive as docker saves it.</summary>
internal sealed record DockerArchiveImage([property: JsonPropertyName("Config")] string? Config, [property: JsonPropertyName("Layers")] IReadOnlyList<string>? Layers);

/// <summary>What an authority of a registry gives.</summary>
internal sealed record RegistryToken(
    [property: JsonPropertyName("token")] string? Token, [property: JsonPropertyName("access_token")] string? AccessToken);

/// <summary>A file of names and passwords.</summary>
internal sealed record RegistryLogins([property: JsonPropertyName("auths")] IReadOnlyDictionary<string, RegistryLogin>? Auths);

/// <summary>The name and password for one registry.</summary>
internal sealed record RegistryLogin([property: JsonPropertyName("auth")] string? Auth);

/// <summary>JSON of others: what is not known of it is left alone.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, MaxDepth = 32, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(OciDocument))]
[JsonSerializable(typeof(OciConfig))]
[JsonSerializable(typeof(IReadOnlyList<DockerArchiveImage>))]
[JsonSerializable(typeof(RegistryToken))]
[JsonSerializable(typeof(RegistryLogins))]
internal sealed partial class OciJson : JsonSerializerContext
{
    /// <summary>Reads a document.</summary>
    /// <exception cref="ArchiveException">It is none.</exception>
    internal static T Read<T>(ReadOnlySpan<byte> content, JsonTypeInfo<T> type, string what)
    {
        try
        {
            return JsonSerializer.Deserialize(content, type) ?? throw new ArchiveException($"the {what} of the image says nothing");
        }
        catch (JsonException e)
        {
            throw new ArchiveException($"the {what} of the image cannot be read: {e.Message}");
        }
    }
}
