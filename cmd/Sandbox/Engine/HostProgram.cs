namespace Strata.Sandbox;

/// <summary>Where a program of the host is. Pure.</summary>
internal static class HostProgram
{
    /// <summary>Its path: where distributions have it, else by the service's own PATH, which NixOS gives it; null when it is nowhere.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="usual">The directories in which distributions have it.</param>
    /// <param name="path">The variable.</param>
    /// <param name="exists">Whether there is a file.</param>
    internal static string? Find(string name, IEnumerable<string> usual, string? path, Func<string, bool> exists) =>
        usual.Concat((path ?? "").Split(':').Where(Path.IsPathRooted)).Select(directory => Path.Combine(directory, name)).FirstOrDefault(exists);
}
