using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>Fetches an image: its manifest for this machine, its configuration, the layers that are not here; stores it whole or not at all.</summary>
internal sealed class ImagePull : IDisposable
{
    private const int LayersAtOnce = 3;

    private readonly ImageStore _store;
    private readonly ImageOptions _options;
    private readonly TimeProvider _time;
    private readonly string _parts;
    private readonly Lazy<HttpMessageInvoker> _http;
    private readonly BlobTurns _turns = new();

    /// <param name="store">Where to.</param>
    /// <param name="directory">Where parts of layers wait to be gone on with.</param>
    /// <param name="options">The bounds.</param>
    /// <param name="time">The clock.</param>
    internal ImagePull(ImageStore store, string directory, ImageOptions options, TimeProvider time)
    {
        (_store, _options, _time, _parts) = (store, options, time, Path.Combine(directory, "parts"));
        PrivateDirectory.Ensure(_parts, LayerStore.PrivateMode).Dispose();
        _http = new(() => new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = options.Patience, MaxResponseHeadersLength = 64, PooledConnectionIdleTimeout = TimeSpan.FromSeconds(15),
        }));
    }

    /// <summary>Fetches it.</summary>
    /// <param name="reference">What.</param>
    /// <param name="name">A further name for it; null for none.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellation">Ends it; parts stay to be gone on with.</param>
    /// <exception cref="ArchiveException">It is refused.</exception>
    /// <exception cref="SandboxException">The registry does not give it, or there is no room.</exception>
    internal async Task<StoredImage> RunAsync(ImageReference reference, string? name, ImageProgress progress, CancellationToken cancellation)
    {
        var repository = new RegistryRepository(_http.Value, _options.Registries.Find(reference.Registry), reference, _options, _time);
        var (top, content, document) = await ResolveAsync(repository, reference, cancellation).ConfigureAwait(false);
        ImageManifest.CheckLayers(document.Layers ?? [], _options);
        var configuration = document.Config ?? throw new ArchiveException("the image's manifest names no configuration");
        var config = await repository.ReadBlobAsync(configuration.Known, cancellation).ConfigureAwait(false);
        var image = ImageManifest.Of(content, config, _options);
        (progress.Phase, progress.Layers, progress.TotalBytes) = ("downloading", image.Layers.Count, image.PackedBytes);
        using var pins = new LayerPins(_store);
        await FetchLayersAsync(repository, image, pins, progress, cancellation).ConfigureAwait(false);
        IEnumerable<string> names = [reference.Name, reference.PinnedName(image.Digest), reference.PinnedName(top), .. name is null ? Enumerable.Empty<string>() : [name]];
        var record = new ImageRecord(
            ImageRecord.CurrentVersion, image.Digest.ToString(), configuration.Digest, [.. image.Unpacked.Select(layer => layer.ToString())], image.PackedBytes, _time.GetUtcNow(), image.Defaults);
        return _store.Commit(record, image.Content, image.Config, [.. names.Distinct()]);
    }

    /// <summary>Removes all parts that nobody works on.</summary>
    /// <returns>How much room that gives.</returns>
    internal long Prune()
    {
        long bytes = 0;
        foreach (var file in new DirectoryInfo(_parts).EnumerateFiles())
        {
            if (Digest.TryParse("sha256:" + file.Name) is not { } digest || !_turns.IsTaken(digest))
            {
                bytes += file.Length;
                file.Delete();
            }
        }

        return bytes;
    }

    public void Dispose()
    {
        if (_http.IsValueCreated)
        {
            _http.Value.Dispose();
        }
    }

    /// <summary>The manifest for this machine: what is asked for, or what that lists.</summary>
    private static async Task<(Digest Top, byte[] Content, OciDocument Document)> ResolveAsync(RegistryRepository repository, ImageReference reference, CancellationToken cancellation)
    {
        var content = await repository.ReadManifestAsync(reference.Digest?.ToString() ?? reference.Tag!, cancellation).ConfigureAwait(false);
        var top = Digest.Of(content);
        if (reference.Digest is { } wanted && wanted != top)
        {
            throw RegistryRepository.Other(wanted);
        }

        var document = OciJson.Read(content, OciJson.Default.OciDocument, "manifest");
        if (document.Manifests is { Count: > 0 } manifests)
        {
            var chosen = MediaTypes.Choose(manifests).Known;
            content = await repository.ReadManifestAsync(chosen.ToString(), cancellation).ConfigureAwait(false);
            document = Digest.Of(content) == chosen ? OciJson.Read(content, OciJson.Default.OciDocument, "manifest") : throw RegistryRepository.Other(chosen);
        }

        return document.SchemaVersion == 2 && document.Layers is not null ? (top, content, document)
            : throw new ArchiveException("the registry has the image in a form that is not read; it must be version 2 of docker's or OCI's");
    }

    private async Task FetchLayersAsync(RegistryRepository repository, ImageManifest image, LayerPins pins, ImageProgress progress, CancellationToken cancellation)
    {
        var missing = new List<(OciDescriptor Packed, Digest Unpacked)>();
        foreach (var layer in image.Layers.Zip(image.Unpacked).DistinctBy(layer => layer.Second))
        {
            if (pins.Pin(layer.Second) is null)
            {
                missing.Add(layer);
            }
            else
            {
                progress.Add(layer.First.Size);
                progress.FinishLayer();
            }
        }

        _store.RequireRoom(missing.Sum(layer => layer.Packed.Size) + PartsBeside(missing.Select(layer => layer.Packed.Known.Hex)));
        await Parallel.ForEachAsync(missing, new ParallelOptions { MaxDegreeOfParallelism = LayersAtOnce, CancellationToken = cancellation },
            async (layer, stop) => await _turns.RunAsync(layer.Packed.Known, () => FetchLayerAsync(repository, layer.Packed, layer.Unpacked, pins, progress, stop), stop).ConfigureAwait(false)).ConfigureAwait(false);
    }

    /// <summary>One at a time works on a layer, whichever images want it.</summary>
    private async Task FetchLayerAsync(RegistryRepository repository, OciDescriptor packed, Digest unpacked, LayerPins pins, ImageProgress progress, CancellationToken cancellation)
    {
        if (pins.Pin(unpacked) is not null)
        {
            progress.Add(packed.Size);
        }
        else
        {
            var part = Path.Combine(_parts, packed.Known.Hex);
            try
            {
                await new BlobDownload(repository, _options, _time).RunAsync(part, packed.Known, packed.Size, progress, cancellation).ConfigureAwait(false);
                progress.Phase = "unpacking";
                await Task.Run(() => Unpack(part, packed.Size, unpacked, cancellation), CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception e) when (LayerCalls.IsFullDisk(e))
            {
                // What is kept to be gone on with would keep the disk full.
                File.Delete(part);
                throw;
            }
        }

        progress.FinishLayer();
    }

    /// <summary>How much the parts of other images take that wait to be gone on with.</summary>
    private long PartsBeside(IEnumerable<string> names) =>
        new DirectoryInfo(_parts).EnumerateFiles().ExceptBy(names, file => file.Name).Sum(file => file.Exists ? file.Length : 0);

    private void Unpack(string part, long bytes, Digest unpacked, CancellationToken cancellation)
    {
        try
        {
            using var file = File.OpenRead(part);
            _store.Add(LayerFile.Unpack(_store, file, bytes, unpacked, _options.Unpacking, cancellation));
        }
        catch (Exception e) when (e is not (OperationCanceledException or LinuxException))
        {
            File.Delete(part);
            throw;
        }

        File.Delete(part);
    }
}
