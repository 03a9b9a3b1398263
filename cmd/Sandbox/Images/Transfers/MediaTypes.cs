using System.Runtime.InteropServices;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>What registries call what they serve, and which of it is for this machine. Pure.</summary>
internal static class MediaTypes
{
    internal const string OciManifest = "application/vnd.oci.image.manifest.v1+json";
    internal const string OciConfig = "application/vnd.oci.image.config.v1+json";
    internal const string OciLayer = "application/vnd.oci.image.layer.v1.tar";

    internal static IReadOnlyList<string> Manifests { get; } =
    [
        OciManifest, "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json", "application/vnd.docker.distribution.manifest.list.v2+json",
    ];

    private static string Architecture => RuntimeInformation.ProcessArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "amd64",
        System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
        var other => other.ToString().ToLowerInvariant(),
    };

    /// <summary>The one of a list that is for this machine.</summary>
    /// <exception cref="ArchiveException">There is none.</exception>
    internal static OciDescriptor Choose(IReadOnlyList<OciDescriptor> manifests) =>
        manifests.FirstOrDefault(manifest => manifest?.Platform is { } platform && platform.Os == "linux" && platform.Architecture == Architecture)
        ?? (manifests is [{ Platform: null } only] ? only : null)
        ?? throw new ArchiveException($"the image has nothing for linux/{Architecture}; it is for {string.Join(", ", manifests.Take(16).Select(m => $"{m?.Platform?.Os}/{m?.Platform?.Architecture}"))}");

    /// <summary>Refuses what a layer may not be.</summary>
    internal static void RequireLayer(string? type)
    {
        if (type?.EndsWith("zstd", StringComparison.Ordinal) is true && !ZstandardDecoder.IsAvailable)
        {
            throw LayerFile.NoZstandard();
        }

        if (type is not null && (type.Contains("foreign", StringComparison.Ordinal) || type.Contains("encrypted", StringComparison.Ordinal) || !type.Contains("tar", StringComparison.Ordinal)))
        {
            throw new ArchiveException($"the image has a layer of the kind {type}, which is not read; push it with layers of tar, tar+gzip or tar+zstd");
        }
    }
}
