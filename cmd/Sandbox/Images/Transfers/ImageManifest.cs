using System.Globalization;
using System.Text.Json;

namespace Strata.Sandbox;

/// <summary>A manifest and its configuration, checked against one another. Pure.</summary>
/// <param name="Content">The manifest's bytes.</param>
/// <param name="Config">The configuration's bytes.</param>
/// <param name="Layers">What the layers are packed, the lowest first.</param>
/// <param name="Unpacked">What they are unpacked, likewise.</param>
/// <param name="Defaults">What programs are started with.</param>
internal sealed record ImageManifest(byte[] Content, byte[] Config, IReadOnlyList<OciDescriptor> Layers, IReadOnlyList<Digest> Unpacked, ImageDefaults Defaults)
{
    private const int MaxWords = 512;
    private const int MaxWordChars = 32 * 1024;

    // All of it together is told in one answer.
    private const int MaxChars = 128 * 1024;

    /// <summary>What it is called by.</summary>
    internal Digest Digest { get; } = Digest.Of(Content);

    internal long PackedBytes => Layers.Sum(layer => layer.Size);

    /// <summary>Puts the two together.</summary>
    /// <exception cref="ArchiveException">They do not fit, or are beyond a bound.</exception>
    internal static ImageManifest Of(byte[] content, byte[] config, ImageOptions options)
    {
        var manifest = OciJson.Read(content, OciJson.Default.OciDocument, "manifest");
        var layers = manifest.Layers ?? [];
        var said = OciJson.Read(config, OciJson.Default.OciConfig, "configuration");
        var unpacked = (said.Rootfs?.DiffIds ?? []).Select(layer => Digest.TryParse(layer) ?? throw new ArchiveException("the image's configuration names a layer by no sha256")).ToList();
        if (layers.Count != unpacked.Count || manifest.Config is null || manifest.Config.Known != Digest.Of(config))
        {
            throw new ArchiveException("the image's manifest and configuration do not fit one another");
        }

        CheckLayers(layers, options);
        return new ImageManifest(content, config, layers, unpacked, DefaultsOf(said.Config));
    }

    /// <summary>Refuses early what a manifest alone says too much of.</summary>
    internal static void CheckLayers(IReadOnlyList<OciDescriptor> layers, ImageOptions options)
    {
        if (layers.Count > options.MaxLayers || layers.Count == 0)
        {
            throw new ArchiveException(string.Create(CultureInfo.InvariantCulture, $"the image has {layers.Count} layers; it may have 1 to {options.MaxLayers}"));
        }

        if (layers.Any(layer => layer is null || layer.Size < 0) || layers.Sum(layer => (decimal)layer.Size) > options.MaxPackedBytes)
        {
            throw new ArchiveException(string.Create(CultureInfo.InvariantCulture, $"the image has more than {options.MaxPackedBytes} bytes"));
        }

        foreach (var layer in layers)
        {
            MediaTypes.RequireLayer(layer.MediaType);
        }
    }

    /// <summary>The manifest of layers that come without one.</summary>
    internal static byte[] Write(byte[] config, IReadOnlyList<(Digest Digest, long Bytes)> layers) => JsonSerializer.SerializeToUtf8Bytes(
        new OciDocument(2, MediaTypes.OciManifest, new OciDescriptor(MediaTypes.OciConfig, Digest.Of(config).ToString(), config.Length, null),
            [.. layers.Select(layer => new OciDescriptor(MediaTypes.OciLayer, layer.Digest.ToString(), layer.Bytes, null))], null),
        OciJson.Default.OciDocument);

    private static ImageDefaults DefaultsOf(OciRunConfig? config)
    {
        var defaults = new ImageDefaults(
            Words(config?.Env, "Env"), Word(config?.WorkingDir, "WorkingDir"), Word(config?.User, "User"), Words(config?.Entrypoint, "Entrypoint"), Words(config?.Cmd, "Cmd"));
        return defaults.Environment.Concat(defaults.Entrypoint).Concat(defaults.Command).Sum(word => word.Length) <= MaxChars ? defaults
            : throw new ArchiveException(string.Create(CultureInfo.InvariantCulture, $"the image's Env, Entrypoint and Cmd have more than {MaxChars} characters"));
    }

    private static IReadOnlyList<string> Words(IReadOnlyList<string>? words, string what) => words is null ? []
        : words.Count <= MaxWords ? [.. words.Select(word => Word(word, what))] : throw new ArchiveException(string.Create(CultureInfo.InvariantCulture, $"the image's {what} has more than {MaxWords} words"));

    private static string Word(string? word, string what) => word is null ? ""
        : word.Length <= MaxWordChars && !word.Contains('\0', StringComparison.Ordinal) ? word : throw new ArchiveException($"the image's {what} has a word that cannot be");
}
