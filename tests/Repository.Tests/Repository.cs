namespace Strata.Repository.Tests;

/// <summary>The files that make up the project.</summary>
internal static class Repository
{
    private static readonly string[] NotOurs = [".base", ".git", ".run", "bin", "dist", "node_modules", "obj", "TestResults", "BenchmarkDotNet.Artifacts"];

    /// <summary>Every file of the checkout that no build made, relative to its root.</summary>
    internal static IReadOnlyList<string> Files { get; } = [.. Below(Checkout.Root).Select(f => Path.GetRelativePath(Checkout.Root, f)).Order(StringComparer.Ordinal)];

    internal static IEnumerable<string> Sources(string area) =>
        Files.Where(f => f.StartsWith(area + "/", StringComparison.Ordinal) && f.EndsWith(".cs", StringComparison.Ordinal));

    private static IEnumerable<string> Below(string directory) =>
        Directory.EnumerateFiles(directory).Concat(
            Directory.EnumerateDirectories(directory).Where(d => !NotOurs.Contains(Path.GetFileName(d))).SelectMany(Below));
}
