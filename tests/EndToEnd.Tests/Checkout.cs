using System.Runtime.CompilerServices;

namespace Strata.EndToEnd.Tests;

/// <summary>Where the tested programs and scripts lie.</summary>
internal static class Checkout
{
    internal static string Root { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", ".."));

    /// <summary>A built program; the error says what to run when it is missing.</summary>
    internal static string Program(string name)
    {
        var path = Path.Combine(Root, "bin", name);
        return File.Exists(path) ? path : throw new FileNotFoundException($"{path} is not built; run ./build.sh first");
    }

    internal static string Script(string name) => Path.Combine(Root, name);

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
