using System.Globalization;
using System.Text.Json;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>
/// All stored images: whole ones only, by digest, with the names that mean them. Layers are shared. What is in use stays; what nothing names goes.
/// </summary>
internal sealed partial class ImageStore
{
    private const int MaxNamesBytes = 4 << 20;
    private const string NamesFile = "names.json";
    private const string RecordEnding = ".image";

    private readonly Lock _lock = new();
    private readonly string _directory;
    private readonly string _documents;
    private readonly ImageOptions _options;
    private readonly TimeProvider _time;
    private readonly Func<IEnumerable<string>> _kept;
    private readonly Dictionary<Digest, ImageRecord> _images = [];
    private readonly Dictionary<Digest, LayerRecord> _layers = [];
    private readonly Dictionary<Digest, int> _uses = [];
    private readonly Dictionary<Digest, int> _pinnedLayers = [];
    private Dictionary<string, Digest> _names = new(StringComparer.Ordinal);

    /// <summary>Opens the store and puts in order what an earlier process left.</summary>
    /// <param name="directory">Its directory; made when it is missing.</param>
    /// <param name="options">The bounds.</param>
    /// <param name="owners">Whom files belong to.</param>
    /// <param name="time">The clock.</param>
    /// <param name="kept">Names of images that something which is not here now comes back with, sessions and snapshots on disk; null for none.</param>
    internal ImageStore(string directory, ImageOptions options, LayerOwners owners, TimeProvider time, Func<IEnumerable<string>>? kept = null)
    {
        (_directory, _documents, _options, _time, _kept) = (directory, Path.Combine(directory, "documents"), options, time, kept ?? (() => []));
        PrivateDirectory.Ensure(directory, LayerStore.PrivateMode).Dispose();
        PrivateDirectory.Ensure(_documents, LayerStore.PrivateMode).Dispose();
        Layers = new LayerStore(directory, owners, options.Unpacking);
        lock (_lock)
        {
            Reconcile();
        }
    }

    internal LayerStore Layers { get; }

    /// <summary>What all layers take on disk.</summary>
    internal long Bytes
    {
        get
        {
            lock (_lock)
            {
                return _layers.Values.Sum(layer => layer.Bytes);
            }
        }
    }

    /// <summary>All images with their names, the newest last.</summary>
    internal IReadOnlyList<StoredImage> List()
    {
        lock (_lock)
        {
            return [.. _images.Values.OrderBy(image => image.Stored).ThenBy(image => image.Manifest, StringComparer.Ordinal).Select(Describe)];
        }
    }

    /// <summary>The image that a name, alias or digest means.</summary>
    /// <exception cref="SandboxException">There is none.</exception>
    internal StoredImage Find(string name)
    {
        lock (_lock)
        {
            return Describe(Resolve(name));
        }
    }

    /// <summary>Whether a layer is there; when it is, it stays until <see cref="Unpin"/>.</summary>
    internal LayerRecord? Pin(Digest layer)
    {
        lock (_lock)
        {
            _pinnedLayers[layer] = _pinnedLayers.GetValueOrDefault(layer) + 1;
            return _layers.GetValueOrDefault(layer);
        }
    }

    internal void Unpin(Digest layer)
    {
        lock (_lock)
        {
            Lower(_pinnedLayers, layer);
        }
    }

    /// <summary>Takes a layer in that was unpacked and is pinned.</summary>
    /// <exception cref="SandboxException">The store is full; the layer is removed again.</exception>
    internal void Add(LayerRecord layer)
    {
        var digest = Digest.TryParse(layer.Digest)!.Value;
        lock (_lock)
        {
            if (_layers.ContainsKey(digest))
            {
                return;
            }

            if (_layers.Count >= _options.MaxStoredLayers || _layers.Values.Sum(known => known.Bytes) + layer.Bytes > _options.MaxBytes)
            {
                Layers.Discard(digest.Hex);
                throw Full(string.Create(CultureInfo.InvariantCulture, $"{_options.MaxBytes} bytes and {_options.MaxStoredLayers} layers"));
            }

            _layers[digest] = layer;
        }
    }

    /// <summary>Refuses early what cannot be stored.</summary>
    /// <exception cref="SandboxException">The store is full.</exception>
    internal void RequireRoom(long bytes)
    {
        if (Bytes + bytes > _options.MaxBytes)
        {
            throw Full(string.Create(CultureInfo.InvariantCulture, $"{_options.MaxBytes} bytes"));
        }
    }

    /// <summary>Stores an image whose layers are all pinned, and gives it names, which no other image has from now on.</summary>
    /// <exception cref="SandboxException">There are too many.</exception>
    internal StoredImage Commit(ImageRecord image, ReadOnlyMemory<byte> manifest, ReadOnlyMemory<byte> config, IReadOnlyList<string> names)
    {
        lock (_lock)
        {
            var isNew = !_images.ContainsKey(image.Digest);
            if (isNew && _images.Count >= _options.MaxImages)
            {
                throw Full(string.Create(CultureInfo.InvariantCulture, $"{_options.MaxImages} images"));
            }

            if (_names.Count + names.Count(name => !_names.ContainsKey(name)) > _options.MaxNames)
            {
                throw Full(string.Create(CultureInfo.InvariantCulture, $"{_options.MaxNames} names"));
            }

            if (isNew)
            {
                WriteDocument(Digest.TryParse(image.Config)!.Value.Hex, config.Span);
                WriteDocument(image.Digest.Hex, manifest.Span);
                WriteDocument(image.Digest.Hex + RecordEnding, JsonSerializer.SerializeToUtf8Bytes(image, ImageJson.Default.ImageRecord));
                _images[image.Digest] = image;
            }

            var changed = new Dictionary<string, Digest>(_names, StringComparer.Ordinal);
            foreach (var name in names)
            {
                changed[name] = image.Digest;
            }

            WriteNames(changed);
            return Describe(isNew ? image : _images[image.Digest]);
        }
    }

    private StoredImage Describe(ImageRecord image)
    {
        var layers = image.Layers.Select(layer => _layers[Digest.TryParse(layer)!.Value]).ToList();
        return new StoredImage(
            image, [.. _names.Where(name => name.Value == image.Digest).Select(name => name.Key).Order(StringComparer.Ordinal)], layers, _uses.GetValueOrDefault(image.Digest));
    }

    /// <summary>What the operator named comes first; then an exact name, one with the tag that is left out, or a digest.</summary>
    private ImageRecord Resolve(string name)
    {
        var digest = NameOf(name) is { } known ? _names[known] : Digest.TryParse(_options.Aliases.GetValueOrDefault(name, name));
        return digest is { } found && _images.TryGetValue(found, out var image) ? image : throw NotFound(name);
    }

    private string? NameOf(string name)
    {
        var meant = _options.Aliases.GetValueOrDefault(name, name);
        return _names.ContainsKey(meant) ? meant : _names.ContainsKey(meant + ImageReference.LatestTag) ? meant + ImageReference.LatestTag : null;
    }

    private void WriteDocument(string name, ReadOnlySpan<byte> content)
    {
        using var directory = PrivateDirectory.Ensure(_documents, LayerStore.PrivateMode);
        DurableFile.Replace(directory, name, content, LayerStore.FileMode);
    }

    private void WriteNames(Dictionary<string, Digest> names)
    {
        using var directory = PrivateDirectory.Ensure(_directory, LayerStore.PrivateMode);
        var content = new ImageNames(ImageRecord.CurrentVersion, names.ToDictionary(name => name.Key, name => name.Value.ToString(), StringComparer.Ordinal));
        DurableFile.Replace(directory, NamesFile, JsonSerializer.SerializeToUtf8Bytes(content, ImageJson.Default.ImageNames), LayerStore.FileMode);
        _names = names;
    }

    private static void Lower(Dictionary<Digest, int> counts, Digest digest)
    {
        if (--counts[digest] == 0)
        {
            counts.Remove(digest);
        }
    }

    private static SandboxException NotFound(string name) =>
        new(ErrorCode.NotFound, SandboxReasons.ImageNotFound, name == SessionTerms.HostImage
            ? "the image host is this machine's own /usr, of which nothing is stored"
            : $"there is no image {name}; sandbox.image_list tells those there are, sandbox.image_pull fetches one");

    private static SandboxException Full(string what) =>
        new(ErrorCode.ResourceExhausted, SandboxReasons.ImageStoreFull, $"the images are as many as may be ({what}); sandbox.image_prune removes what nobody uses");
}
