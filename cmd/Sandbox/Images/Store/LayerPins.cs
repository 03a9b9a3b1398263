namespace Strata.Sandbox;

/// <summary>Layers that stay while somebody works with them.</summary>
internal sealed class LayerPins : IDisposable
{
    private readonly ImageStore _store;
    private readonly List<Digest> _layers = [];

    internal LayerPins(ImageStore store, IEnumerable<Digest>? layers = null)
    {
        _store = store;
        foreach (var layer in layers ?? [])
        {
            Pin(layer);
        }
    }

    /// <summary>Keeps a layer; answers it when it is there already.</summary>
    internal LayerRecord? Pin(Digest layer)
    {
        lock (_layers)
        {
            _layers.Add(layer);
        }

        return _store.Pin(layer);
    }

    public void Dispose()
    {
        foreach (var layer in _layers)
        {
            _store.Unpin(layer);
        }
    }
}
