using Strata.Linux;
using Strata.Tests;

namespace Strata.Sandbox.Tests;

/// <summary>A store in a directory of its own.</summary>
internal sealed class ImagePlace : IDisposable
{
    private readonly TempDirectory _all = new();

    public ImagePlace(ImageOptions? options = null) => Reopen(options ?? new ImageOptions());

    public ImageStore Store { get; private set; } = null!;

    public ImageOptions Options { get; private set; } = null!;

    public string[] Kept { get; set; } = [];

    public string Directory => _all["images"];

    public string this[string name] => _all[name];

    public void Reopen(ImageOptions? options = null)
    {
        Options = options ?? Options;
        Store = new ImageStore(Directory, Options, LayerOwners.Mine, TimeProvider.System, () => Kept);
    }

    public StoredImage Import(byte[] archive, string name)
    {
        File.WriteAllBytes(_all["import.tar"], archive);
        return new ImageImport(Store, Options, TimeProvider.System).Run(_all["import.tar"], name, new ImageProgress(), default);
    }

    public string Refusal(byte[] archive) => Assert.Throws<ArchiveException>(() => Import(archive, "bad")).Message;

    /// <summary>What is left on disk beside the directories that are always there.</summary>
    public IReadOnlyList<string> Left() => [.. new[] { "layers", "staging", "documents", "parts" }.Select(name => Path.Combine(Directory, name)).Where(System.IO.Directory.Exists).SelectMany(System.IO.Directory.EnumerateFileSystemEntries)];

    public string FileOf(StoredImage image, string path) => File.ReadAllText(Path.Combine(Store.Use(image.Record.Manifest).Directories[0], path));

    public void Dispose()
    {
        using (var all = DirectoryHandle.Open(_all.Path))
        {
            LayerRemoval.Remove(all, "images"u8);
        }

        _all.Dispose();
    }
}
