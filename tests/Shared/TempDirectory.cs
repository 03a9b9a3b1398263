namespace Strata.Tests;

/// <summary>A private directory that is gone after the test.</summary>
internal sealed class TempDirectory : IDisposable
{
    public TempDirectory() => Path = Directory.CreateTempSubdirectory("slx").FullName;

    public string Path { get; }

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (UnauthorizedAccessException)
        {
            // The kernel's own directory of an overlay has no permissions at all, which stops whoever is not root.
            Open(new DirectoryInfo(Path));
            Directory.Delete(Path, recursive: true);
        }
    }

    private static void Open(DirectoryInfo directory)
    {
        directory.UnixFileMode |= UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        foreach (var inner in directory.EnumerateDirectories().Where(d => d.LinkTarget is null))
        {
            Open(inner);
        }
    }
}
