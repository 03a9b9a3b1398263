namespace Strata.Sandbox.Tests;

/// <summary>A place that no overlay can lie on, as in a container: it is on one itself.</summary>
internal sealed class NoOverlays : IDisposable
{
    private readonly Mounted? _parts;
    private readonly Mounted _mounted;

    /// <summary>With parts in memory: the place of temporary files may be such a place already.</summary>
    /// <param name="path">The place.</param>
    internal NoOverlays(string path)
        : this(path, path, Mounted.Of("tmpfs", path, "mode=0755"))
    {
    }

    /// <param name="path">The place.</param>
    /// <param name="parts">Where its parts are.</param>
    internal NoOverlays(string path, string parts)
        : this(path, parts, mounted: null)
    {
    }

    private NoOverlays(string path, string parts, Mounted? mounted)
    {
        _parts = mounted;
        string[] names = [.. new[] { "lower", "upper", "work" }.Select(name => Directory.CreateDirectory(Path.Combine(parts, name)).FullName)];
        _mounted = Mounted.Of("overlay", path, $"lowerdir={names[0]},upperdir={names[1]},workdir={names[2]}");
    }

    public void Dispose()
    {
        _mounted.Dispose();
        _parts?.Dispose();
    }
}
