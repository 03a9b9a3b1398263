namespace Strata.Nix.Tests;

public sealed class SyntaxTests
{
    private const int MaxFileLines = 400;

    [Fact]
    public async Task Every_file_parses()
    {
        NixEvaluator.Require();
        var files = Files().ToArray();
        Assert.NotEmpty(files);
        _ = await NixEvaluator.RunAsync(["--parse", .. files]);
    }

    [Fact]
    public void No_file_is_longer_than_400_lines()
    {
        foreach (var file in Files())
        {
            var lines = File.ReadLines(file).Count();
            Assert.True(lines <= MaxFileLines, $"{file} has {lines} lines; divide it");
        }
    }

    private static IEnumerable<string> Files() =>
        new[] { "nix", "nixos", "modules", "tests/nix" }.Select(Checkout.At).Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.nix", SearchOption.AllDirectories))
            .Concat(Directory.EnumerateFiles(Checkout.Root, "*.nix"));
}
