using Strata.Linux;
using Strata.Tests;

namespace Strata.Sandbox.Tests;

/// <summary>A layer beside files of somebody else's, which no archive may touch.</summary>
internal sealed class UnpackPlace : IDisposable
{
    private readonly TempDirectory _all = new();
    private readonly string _before;
    private readonly NoOverlays? _overlay;

    /// <param name="onOverlay">Whether the layer lies on an overlay, where no device 0:0 can be made; takes root.</param>
    public UnpackPlace(bool onOverlay = false)
    {
        _overlay = onOverlay ? new NoOverlays(Place) : null;
        Directory.CreateDirectory(_all["outside/inner"]);
        File.WriteAllText(_all["outside/secret"], "untouched");
        Directory.CreateDirectory(Layer);
        _before = Shot();
    }

    public string Layer => Path.Combine(Place, "layer");

    public string Outside => _all["outside"];

    /// <summary>Everything that can be seen outside the layer.</summary>
    public bool IsUntouched => Shot() == _before;

    public static LayerOwners Owners => LayerOwners.Mine;

    public string this[string name] => Path.Combine(Layer, name);

    public UnpackedLayer Unpack(byte[] archive, UnpackLimits? limits = null)
    {
        using var unpacker = new LayerUnpacker(PrivateDirectory.Ensure(Layer, 0x1ed), limits ?? new UnpackLimits(), Owners);
        return unpacker.Unpack(new MemoryStream(archive));
    }

    public string Refusal(byte[] archive, UnpackLimits? limits = null)
    {
        var message = Assert.Throws<ArchiveException>(() => Unpack(archive, limits)).Message;
        Assert.True(IsUntouched);
        return message;
    }

    public FileStatus Status(string name)
    {
        using var parent = DirectoryHandle.Open(Path.GetDirectoryName(this[name])!);
        Assert.Equal(0, FileStatus.TryGetEntry(parent, System.Text.Encoding.UTF8.GetBytes(Path.GetFileName(name)), out var status));
        return status;
    }

    public void Dispose()
    {
        using (var parent = DirectoryHandle.Open(Place))
        {
            LayerRemoval.Remove(parent, "layer"u8);
        }

        _overlay?.Dispose();
        _all.Dispose();
    }

    private string Place => _all["place"];

    private string Shot() => string.Join('\n', Directory.EnumerateFileSystemEntries(_all.Path).Where(path => path != Place)
        .Concat(Directory.EnumerateFileSystemEntries(Outside, "*", SearchOption.AllDirectories)).Order(StringComparer.Ordinal)
        .Select(path => FileStatus.TryGetNoFollow(path, out var status) == 0 ? $"{path} {status} {(status.Kind == FileKind.Regular ? File.ReadAllText(path) : "")}" : path));
}
