namespace Strata.Policy.Tests;

/// <summary>Finds files of the checkout from wherever the tests run.</summary>
internal static class SourceTree
{
    internal static string Path(params string[] parts)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "StrataOS.sln")))
        {
            folder = folder.Parent;
        }

        Assert.NotNull(folder);
        return System.IO.Path.Combine([folder.FullName, .. parts]);
    }
}
