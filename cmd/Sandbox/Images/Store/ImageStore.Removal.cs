using Strata.Ipc;
using Strata.Linux;

namespace Strata.Sandbox;

/// <content>Use, removal, and what is put in order at start.</content>
internal sealed partial class ImageStore : ISessionImages
{
    /// <inheritdoc/>
    public ImageLayers Use(string image)
    {
        if (image == SessionTerms.HostImage)
        {
            return new ImageLayers([]);
        }

        lock (_lock)
        {
            var record = Resolve(image);
            _uses[record.Digest] = _uses.GetValueOrDefault(record.Digest) + 1;
            return new ImageLayers([.. record.Layers.Reverse().Select(layer => Layers.TreeOf(Digest.TryParse(layer)!.Value))], () => Release(record.Digest))
            {
                Digest = record.Manifest, Defaults = record.Defaults,
            };
        }
    }

    /// <inheritdoc/>
    public string? DigestOf(string image)
    {
        lock (_lock)
        {
            return TryResolve(image)?.ToString();
        }
    }

    /// <summary>Takes a name away, and with the last one the image; a digest takes all of its names.</summary>
    /// <exception cref="SandboxException">There is no such image, or it is in use.</exception>
    internal RemovedImages Delete(string name)
    {
        if (name == SessionTerms.HostImage)
        {
            throw new SandboxException(ErrorCode.InvalidArgument, SandboxReasons.ImageBuiltIn, "the image host is this machine itself and cannot be deleted");
        }

        lock (_lock)
        {
            var image = Resolve(name);
            var key = NameOf(name);
            var hasOthers = key is not null && !ImageReference.IsPinned(key)
                && _names.Any(known => known.Value == image.Digest && known.Key != key && !ImageReference.IsPinned(known.Key));
            if (!hasOthers && IsUsed(image.Digest))
            {
                throw new SandboxException(ErrorCode.Conflict, SandboxReasons.ImageInUse, $"image {name} is in use by sessions or snapshots; close or delete those first");
            }

            WriteNames(new(_names.Where(known => hasOthers ? known.Key != key : known.Value != image.Digest), StringComparer.Ordinal));
            return hasOthers ? new RemovedImages([], 0, 0) : Remove([image]);
        }
    }

    /// <summary>Removes images without a name, and with <paramref name="all"/> whatever is not in use.</summary>
    internal RemovedImages Prune(bool all)
    {
        lock (_lock)
        {
            var named = _names.Where(name => !ImageReference.IsPinned(name.Key)).Select(name => name.Value).ToHashSet();
            var gone = _images.Values.Where(image => (all || !named.Contains(image.Digest)) && !IsUsed(image.Digest)).ToList();
            var digests = gone.Select(image => image.Digest).ToHashSet();
            if (gone.Count > 0)
            {
                WriteNames(new(_names.Where(name => !digests.Contains(name.Value)), StringComparer.Ordinal));
            }

            return Remove(gone);
        }
    }

    /// <summary>Looks at everything that is stored of an image.</summary>
    /// <returns>What is wrong; none when all is as it was stored.</returns>
    internal IReadOnlyList<string> Validate(string name, CancellationToken cancellation)
    {
        var image = Find(name);
        var faults = new List<string>();
        using var layers = new LayerPins(this, image.Record.Layers.Select(layer => Digest.TryParse(layer)!.Value));
        foreach (var document in new[] { image.Record.Manifest, image.Record.Config })
        {
            if (ReadDocument(Digest.TryParse(document)!.Value) is not { } content || Digest.Of(content).ToString() != document)
            {
                faults.Add($"the document {document} is not what it was");
            }
        }

        foreach (var layer in image.Layers)
        {
            if (!IsWhole(layer, cancellation))
            {
                faults.Add($"the layer {layer.Digest} is not what it was unpacked to");
            }
        }

        return faults;
    }

    internal byte[]? ReadDocument(Digest digest)
    {
        using var directory = PrivateDirectory.Ensure(_documents, LayerStore.PrivateMode);
        return BoundedFile.TryRead(directory, digest.Hex, _options.MaxDocumentBytes, out _);
    }

    private bool IsWhole(LayerRecord layer, CancellationToken cancellation)
    {
        try
        {
            return Layers.CheckOf(Digest.TryParse(layer.Digest)!.Value, cancellation) == layer.Check;
        }
        catch (Exception e) when (e is LinuxException or ArchiveException)
        {
            return false;
        }
    }

    private void Release(Digest image)
    {
        lock (_lock)
        {
            Lower(_uses, image);
        }
    }

    private bool IsUsed(Digest image) => _uses.ContainsKey(image) || _kept().Any(name => TryResolve(name) == image);

    private Digest? TryResolve(string name)
    {
        try
        {
            return name == SessionTerms.HostImage ? null : Resolve(name).Digest;
        }
        catch (SandboxException)
        {
            return null;
        }
    }

    /// <summary>The record first: from then on the image is none, whatever becomes of the rest.</summary>
    private RemovedImages Remove(IReadOnlyList<ImageRecord> images)
    {
        foreach (var image in images)
        {
            _images.Remove(image.Digest);
            RemoveDocument(image.Digest.Hex + RecordEnding);
        }

        var before = _layers.Values.Sum(layer => layer.Bytes);
        var count = _layers.Count;
        RemoveUnnamed();
        return new RemovedImages([.. images.Select(image => image.Manifest)], count - _layers.Count, before - _layers.Values.Sum(layer => layer.Bytes));
    }

    /// <summary>Removes layers and documents that no image has and nobody works with.</summary>
    private void RemoveUnnamed()
    {
        var layers = _images.Values.SelectMany(image => image.Layers).ToHashSet(StringComparer.Ordinal);
        foreach (var layer in _layers.Keys.Where(layer => !layers.Contains(layer.ToString()) && !_pinnedLayers.ContainsKey(layer)).ToList())
        {
            _layers.Remove(layer);
            Layers.Discard(layer.Hex);
        }

        var documents = _images.Values.SelectMany(image => new[] { image.Digest.Hex, Digest.TryParse(image.Config)!.Value.Hex, image.Digest.Hex + RecordEnding }).ToHashSet(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(_documents).Where(path => !documents.Contains(Path.GetFileName(path))))
        {
            RemoveDocument(Path.GetFileName(path));
        }
    }

    private void RemoveDocument(string name)
    {
        using var directory = PrivateDirectory.Ensure(_documents, LayerStore.PrivateMode);
        LayerRemoval.Remove(directory, System.Text.Encoding.UTF8.GetBytes(name));
        DurableFile.SyncDirectory(directory, name);
    }

    private void Reconcile()
    {
        Layers.Sweep();
        foreach (var (digest, layer) in Layers.Load())
        {
            _layers[digest] = layer;
        }

        using var documents = PrivateDirectory.Ensure(_documents, LayerStore.PrivateMode);
        foreach (var path in Directory.EnumerateFiles(_documents, "*" + RecordEnding))
        {
            if (ImageFiles.Read(documents, Path.GetFileName(path), _options.MaxDocumentBytes, ImageJson.Default.ImageRecord) is { Version: ImageRecord.CurrentVersion } image
                && Digest.TryParse(image.Manifest) is { } digest && digest.Hex + RecordEnding == Path.GetFileName(path) && Digest.TryParse(image.Config) is not null
                && image.Layers.All(layer => Digest.TryParse(layer) is { } known && _layers.ContainsKey(known)))
            {
                _images[digest] = image;
            }
        }

        using var directory = PrivateDirectory.Ensure(_directory, LayerStore.PrivateMode);
        var names = ImageFiles.Read(directory, NamesFile, MaxNamesBytes, ImageJson.Default.ImageNames);
        _names = new(StringComparer.Ordinal);
        foreach (var (name, text) in names?.Names ?? new Dictionary<string, string>())
        {
            if (Digest.TryParse(text) is { } digest && _images.ContainsKey(digest))
            {
                _names[name] = digest;
            }
        }

        RemoveUnnamed();
    }
}
