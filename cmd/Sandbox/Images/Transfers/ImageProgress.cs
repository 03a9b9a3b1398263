namespace Strata.Sandbox;

/// <summary>How far a transfer is; written by those who work, read by those who follow.</summary>
internal sealed class ImageProgress
{
    private long _bytes;
    private int _layersDone;
    private volatile string _phase = "resolving";

    /// <summary><c>resolving</c>, <c>downloading</c> or <c>unpacking</c>.</summary>
    internal string Phase
    {
        get => _phase;
        set => _phase = value;
    }

    internal long Bytes => Volatile.Read(ref _bytes);

    internal long TotalBytes { get; set; }

    internal int LayersDone => Volatile.Read(ref _layersDone);

    internal int Layers { get; set; }

    internal void Add(long bytes) => Interlocked.Add(ref _bytes, bytes);

    internal void FinishLayer() => Interlocked.Increment(ref _layersDone);
}
