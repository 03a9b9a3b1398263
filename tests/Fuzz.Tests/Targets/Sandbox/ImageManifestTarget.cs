using System.Text;
using Strata.Sandbox;
using static Strata.Fuzz.Tests.BrokenInvariantException;

namespace Strata.Fuzz.Tests;

/// <summary>An image's manifest on the first line, its configuration behind it; <c>@CONFIG@</c> stands for the configuration's digest, which nobody finds by trying.</summary>
internal sealed class ImageManifestTarget : FuzzTarget
{
    private const string Layer = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private static readonly ImageOptions Options = new();

    internal override string Name => "image-manifest";

    internal override int Costs => 10;

    internal override IReadOnlyList<byte[]> Tokens { get; } = Texts(
        "\n", "{", "}", "[", "]", ",", ":", "null", "-1", "9223372036854775807", "\"@CONFIG@\"", "\"config\":", "\"layers\":", "\"digest\":", "\"size\":", "\"mediaType\":", "\"" + Layer + "\"", "\"sha256:\"", "\"rootfs\":", "\"diff_ids\":",
        "\"Env\":", "\"Entrypoint\":", "\"Cmd\":", "\"User\":", "\"WorkingDir\":", "\"a\\u0000b\"", "\"PATH=/bin\"", "\"application/vnd.oci.image.layer.v1.tar+gzip\"", "\"application/vnd.oci.image.layer.v1.tar\"");

    internal override Outcome Execute(ReadOnlySpan<byte> input)
    {
        var end = input.IndexOf((byte)'\n');
        if (end < 0)
        {
            return new Outcome(false, "one document");
        }

        var config = input[(end + 1)..].ToArray();
        var content = Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(input[..end]).Replace("@CONFIG@", Digest.Of(config).ToString(), StringComparison.Ordinal));
        try
        {
            var manifest = ImageManifest.Of(content, config, Options);
            Unless(manifest.Layers.Count == manifest.Unpacked.Count && manifest.Layers.Count >= 1 && manifest.Layers.Count <= Options.MaxLayers, "an image of impossible layers");
            Unless(manifest.PackedBytes >= 0 && manifest.PackedBytes <= Options.MaxPackedBytes, "an image larger than any");
            Unless(manifest.Digest == Digest.Of(content), "an image of another name");
            var defaults = manifest.Defaults;
            string[] words = [.. defaults.Environment, .. defaults.Entrypoint, .. defaults.Command, defaults.User, defaults.WorkingDirectory];
            Unless(Array.TrueForAll(words, word => word is not null && !word.Contains('\0', StringComparison.Ordinal)), "a word that no program can be given");
            return new Outcome(true, null, Math.Min(manifest.Layers.Count, 3) + (defaults.Environment.Count > 0 ? 4 : 0) + (defaults.Entrypoint.Count > 0 ? 8 : 0) + (defaults.Command.Count > 0 ? 16 : 0));
        }
        catch (ArchiveException e)
        {
            // What the JSON reader says of places makes no other class.
            return new Outcome(false, e.Message[..Math.Min(e.Message.Length, 80)]);
        }
    }
}
