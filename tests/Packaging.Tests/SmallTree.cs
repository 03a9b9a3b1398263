namespace Strata.Packaging.Tests;

/// <summary>A directory with one of everything that a release holds: programs, texts, links, directories of other modes.</summary>
internal static class SmallTree
{
    internal static string Make(string at, DateTime written, params (string Path, string Content)[] files)
    {
        Directory.CreateDirectory(at);
        foreach (var (path, content) in files)
        {
            var full = Path.Combine(at, path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            File.WriteAllText(full, content);
            var run = path.Contains("bin/", StringComparison.Ordinal) ? UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute : 0;
            File.SetUnixFileMode(full, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead | run);
            File.SetLastWriteTimeUtc(full, written);
        }

        foreach (var directory in Directory.GetDirectories(at, "*", SearchOption.AllDirectories))
        {
            File.SetUnixFileMode(directory, (UnixFileMode)0b111_101_101);
        }

        return at;
    }
}
