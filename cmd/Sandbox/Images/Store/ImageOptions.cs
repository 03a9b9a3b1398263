using Strata.Hosting;

namespace Strata.Sandbox;

/// <summary>The bounds and settings of images.</summary>
internal sealed record ImageOptions
{
    private const long Megabyte = 1 << 20;

    /// <summary>Most bytes that all layers may take on disk. <c>STRATA_SANDBOX_IMAGE_DISK_MB</c>.</summary>
    internal long MaxBytes { get; init; } = 20_480 * Megabyte;

    /// <summary>Most images. <c>STRATA_SANDBOX_MAX_IMAGES</c>.</summary>
    internal int MaxImages { get; init; } = 200;

    /// <summary>Most layers of all images together.</summary>
    internal int MaxStoredLayers { get; init; } = 4000;

    /// <summary>Most names of all images together.</summary>
    internal int MaxNames { get; init; } = 1000;

    /// <summary>Most layers of one image: as many as one overlay is made of.</summary>
    internal int MaxLayers { get; init; } = MakingScript.MaxLayers;

    /// <summary>The most a manifest or configuration may have.</summary>
    internal int MaxDocumentBytes { get; init; } = 4 << 20;

    /// <summary>The most that one image may have packed.</summary>
    internal long MaxPackedBytes { get; init; } = 8192 * Megabyte;

    /// <summary>Most images that are pulled or imported at once.</summary>
    internal int MaxTransfers { get; init; } = 4;

    /// <summary>Most uploads that are begun and not imported yet.</summary>
    internal int MaxUploads { get; init; } = 8;

    /// <summary>The same of one owner.</summary>
    internal int MaxUploadsOfOne { get; init; } = 4;

    /// <summary>How often a request to a registry is made before it is given up.</summary>
    internal int MaxAttempts { get; init; } = 5;

    /// <summary>How long a registry may be silent.</summary>
    internal TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Bounds of one layer.</summary>
    internal UnpackLimits Unpacking { get; init; } = new();

    /// <summary>Registries that images may come from. <c>STRATA_SANDBOX_REGISTRIES</c>.</summary>
    internal RegistryList Registries { get; init; } = RegistryList.Parse(null);

    /// <summary>A file of names and passwords for registries, as docker's config.json; null for none. <c>STRATA_SANDBOX_REGISTRY_AUTH</c>.</summary>
    internal string? CredentialsFile { get; init; }

    /// <summary>Further names for images. <c>STRATA_SANDBOX_IMAGE_ALIASES</c>.</summary>
    internal IReadOnlyDictionary<string, string> Aliases { get; init; } = new Dictionary<string, string>();

    /// <summary>Reads the settings from the environment.</summary>
    /// <exception cref="SettingsException">A variable has an unusable value.</exception>
    internal static ImageOptions From(Func<string, string?> variable) => new()
    {
        MaxBytes = NodeSettings.WholeNumber(variable, "STRATA_SANDBOX_IMAGE_DISK_MB", 20_480, 1, 16_777_216) * Megabyte,
        MaxImages = NodeSettings.WholeNumber(variable, "STRATA_SANDBOX_MAX_IMAGES", 200, 1, 10_000),
        Registries = RegistryList.Parse(variable("STRATA_SANDBOX_REGISTRIES")),
        CredentialsFile = variable("STRATA_SANDBOX_REGISTRY_AUTH") is { Length: > 0 } file ? Path.IsPathFullyQualified(file) ? file
            : throw new SettingsException("STRATA_SANDBOX_REGISTRY_AUTH must be an absolute path") : null,
        Aliases = AliasesFrom(variable("STRATA_SANDBOX_IMAGE_ALIASES")),
    };

    private static Dictionary<string, string> AliasesFrom(string? list)
    {
        var aliases = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in (list ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, image) = part.Split('=', 2) is [var left, var right] ? (left, right) : ("", "");
            if (!Policy.SandboxNames.IsImage(name) || !Policy.SandboxNames.IsImage(image) || name == SessionTerms.HostImage || !aliases.TryAdd(name, image))
            {
                throw new SettingsException("STRATA_SANDBOX_IMAGE_ALIASES must be NAME=IMAGE, separated by commas, each name once and none of them host");
            }
        }

        return aliases;
    }
}
