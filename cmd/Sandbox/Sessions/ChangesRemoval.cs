namespace Strata.Sandbox;

/// <summary>Removes what a sandbox changed when it belongs to the service itself. Links are removed, not followed.</summary>
internal static class ChangesRemoval
{
    internal static void Run(string directory)
    {
        try
        {
            Directory.Delete(directory, recursive: true);
        }
        catch (UnauthorizedAccessException)
        {
            // An overlay's own directory has no permissions at all, and a program may have taken them from others.
            Open(new DirectoryInfo(directory));
            Directory.Delete(directory, recursive: true);
        }
    }

    private static void Open(DirectoryInfo directory)
    {
        directory.UnixFileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        foreach (var inner in directory.EnumerateDirectories().Where(d => d.LinkTarget is null))
        {
            Open(inner);
        }
    }
}
