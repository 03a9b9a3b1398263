using System.Text.Json;

namespace Strata.Sandbox;

/// <summary>Takes an image from a file: an OCI layout or docker's archive in a tar, or the tar of a root.</summary>
internal sealed class ImageImport(ImageStore store, ImageOptions options, TimeProvider time)
{
    private const string DockerManifest = "manifest.json";
    private const string OciIndex = "index.json";
    private const string OciMark = "oci-layout";
    private const int MaxNesting = 4;

    /// <summary>Imports a file, which it may replace by what it is unpacked.</summary>
    /// <param name="path">The file.</param>
    /// <param name="name">What the image is called from then on.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellation">Ends it; nothing is stored then.</param>
    /// <exception cref="ArchiveException">The file is refused.</exception>
    /// <exception cref="SandboxException">The store is full.</exception>
    internal StoredImage Run(string path, string name, ImageProgress progress, CancellationToken cancellation)
    {
        using var pins = new LayerPins(store);
        using var file = File.OpenRead(path);
        progress.Phase = "unpacking";
        progress.TotalBytes = file.Length;
        if (LayerFile.PackingOf(file) is not Packing.None and var packing)
        {
            using var plain = Inflate(path + ".tar", file, packing, cancellation);
            return Run(plain, name, pins, progress, cancellation);
        }

        return Run(file, name, pins, progress, cancellation);
    }

    private StoredImage Run(FileStream file, string name, LayerPins pins, ImageProgress progress, CancellationToken cancellation)
    {
        var members = ImageMembers.TryIndex(file, options);
        var image = members is null ? null
            : members.Has(OciMark) && members.Has(OciIndex) ? FromOciLayout(members, pins, progress, cancellation)
            : members.Has(DockerManifest) ? FromDockerArchive(members, pins, progress, cancellation)
            : null;
        file.Position = 0;
        image ??= FromRoot(file, pins, progress, cancellation);
        return Commit(image, name);
    }

    private StoredImage Commit(ImageManifest image, string name) => store.Commit(
        new ImageRecord(ImageRecord.CurrentVersion, image.Digest.ToString(), Digest.Of(image.Config).ToString(), [.. image.Unpacked.Select(layer => layer.ToString())], image.PackedBytes, time.GetUtcNow(), image.Defaults),
        image.Content, image.Config, [name]);

    private ImageManifest FromOciLayout(ImageMembers members, LayerPins pins, ImageProgress progress, CancellationToken cancellation)
    {
        var content = members.Read(OciIndex, options.MaxDocumentBytes);
        var document = OciJson.Read(content, OciJson.Default.OciDocument, "index");
        for (int depth = 0; document.Manifests is { Count: > 0 } manifests; depth++)
        {
            if (depth == MaxNesting)
            {
                throw new ArchiveException("the image's lists of manifests are nested too deep");
            }

            var chosen = manifests is [{ } only] ? only : MediaTypes.Choose(manifests);
            content = members.ReadBlob(chosen.Known, options.MaxDocumentBytes);
            document = OciJson.Read(content, OciJson.Default.OciDocument, "manifest");
        }

        var config = members.ReadBlob((document.Config ?? throw new ArchiveException("the image's manifest names no configuration")).Known, options.MaxDocumentBytes);
        var image = ImageManifest.Of(content, config, options);
        progress.Layers = image.Layers.Count;
        for (int i = 0; i < image.Layers.Count; i++)
        {
            members.CheckBlob(image.Layers[i].Known, cancellation);
            Take(members, ImageMembers.BlobName(image.Layers[i].Known), image.Unpacked[i], pins, progress, cancellation);
        }

        return image;
    }

    private ImageManifest FromDockerArchive(ImageMembers members, LayerPins pins, ImageProgress progress, CancellationToken cancellation)
    {
        var images = OciJson.Read(members.Read(DockerManifest, options.MaxDocumentBytes), OciJson.Default.IReadOnlyListDockerArchiveImage, "manifest");
        if (images is not [{ Config: { } configName, Layers: { } layers }] || layers.Contains(null!))
        {
            throw new ArchiveException("the archive must have one image with a configuration and layers; save one image alone");
        }

        var config = members.Read(configName, options.MaxDocumentBytes);
        var unpacked = OciJson.Read(config, OciJson.Default.OciConfig, "configuration").Rootfs?.DiffIds ?? [];
        var image = layers.Count == unpacked.Count && layers.Count <= options.MaxLayers
            ? ImageManifest.Of(ImageManifest.Write(config, [.. layers.Zip(unpacked, (layer, digest) => (Digest.TryParse(digest) ?? throw new ArchiveException("the image's configuration names a layer by no sha256"), members.BytesOf(layer)))]), config, options)
            : throw new ArchiveException("the image's manifest and configuration do not fit one another");
        progress.Layers = layers.Count;
        for (int i = 0; i < layers.Count; i++)
        {
            Take(members, layers[i], image.Unpacked[i], pins, progress, cancellation);
        }

        return image;
    }

    private ImageManifest FromRoot(FileStream file, LayerPins pins, ImageProgress progress, CancellationToken cancellation)
    {
        progress.Layers = 1;
        var layer = LayerFile.Unpack(store, file, file.Length, null, options.Unpacking, cancellation);
        var digest = Digest.TryParse(layer.Digest)!.Value;
        pins.Pin(digest);
        if (!store.Layers.Has(digest))
        {
            // It was another image's as well, and went with that before it was kept.
            file.Position = 0;
            layer = LayerFile.Unpack(store, file, file.Length, digest, options.Unpacking, cancellation);
        }

        store.Add(layer);
        progress.Add(file.Length);
        progress.FinishLayer();
        var config = JsonSerializer.SerializeToUtf8Bytes(new OciConfig(null, "linux", null, new OciRootFs([layer.Digest])), OciJson.Default.OciConfig);
        return ImageManifest.Of(ImageManifest.Write(config, [(digest, file.Length)]), config, options);
    }

    private void Take(ImageMembers members, string member, Digest unpacked, LayerPins pins, ImageProgress progress, CancellationToken cancellation)
    {
        if (pins.Pin(unpacked) is null)
        {
            var (content, bytes) = members.Open(member);
            store.Add(LayerFile.Unpack(store, content, bytes, unpacked, options.Unpacking, cancellation));
        }

        progress.Add(members.BytesOf(member));
        progress.FinishLayer();
    }

    /// <summary>What is packed as a whole is unpacked to a file first: an image's members are not read in their order.</summary>
    private FileStream Inflate(string path, FileStream packed, Packing packing, CancellationToken cancellation)
    {
        var plain = new FileStream(path, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        try
        {
            using var unpacked = LayerFile.Unpacked(packed, packing)!;
            using var metered = new MeteredStream(unpacked, () => packed.Position, options.Unpacking, cancellation);
            metered.CopyTo(plain);
            plain.Position = 0;
            return plain;
        }
        catch (InvalidDataException e)
        {
            plain.Dispose();
            throw new ArchiveException($"the archive is damaged: {e.Message}");
        }
        catch
        {
            plain.Dispose();
            throw;
        }
    }
}
