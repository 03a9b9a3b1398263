namespace Strata.Tests;

/// <summary>The checkout that the running tests were built in.</summary>
internal static class Checkout
{
    /// <summary>The directory above the tests' own that holds the solution; found from where they run, since a build may map the paths it compiles in.</summary>
    internal static string Root { get; } = FindRoot(AppContext.BaseDirectory);

    /// <summary>A file of the checkout, by its path from the root.</summary>
    internal static string At(string path) => Path.Combine(Root, path);

    internal static string Read(string path) => File.ReadAllText(At(path));

    /// <summary>A built program; the error says what to run when it is missing.</summary>
    internal static string Program(string name)
    {
        var path = At("bin/" + name);
        return File.Exists(path) ? path : throw new FileNotFoundException($"{path} is not built; run ./build.sh first");
    }

    private static string FindRoot(string from)
    {
        for (var directory = from; directory is not null; directory = Path.GetDirectoryName(directory))
        {
            if (File.Exists(Path.Combine(directory, "StrataOS.sln")))
            {
                return directory;
            }
        }

        throw new DirectoryNotFoundException($"no directory above {from} holds StrataOS.sln");
    }
}
