using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Strata.Repository.Tests;

public sealed class LayeringTests
{
    /// <summary>What each library may use. An arrow that is not here points up.</summary>
    private static readonly Dictionary<string, string[]> MayUse = new()
    {
        ["Ipc"] = [],
        ["Policy"] = [],
        ["Supervision"] = ["Policy"],
        ["Linux"] = [],
        ["Contracts"] = ["Ipc"],
        ["Hosting"] = ["Contracts", "Ipc", "Policy", "Linux"],
    };

    [Fact]
    public void Libraries_use_only_what_lies_below_them()
    {
        foreach (var project in Repository.Files.Where(f => f.StartsWith("lib/", StringComparison.Ordinal) && f.EndsWith(".csproj", StringComparison.Ordinal)))
        {
            var name = Path.GetFileNameWithoutExtension(project);
            Assert.True(MayUse.TryGetValue(name, out var allowed), $"lib/{name} has no row in the table of layers");
            foreach (var used in References(project))
            {
                Assert.True(allowed!.Contains(used), $"lib/{name} uses {used}, which its layer may not");
            }
        }
    }

    [Fact]
    public void Programs_do_not_use_each_other()
    {
        foreach (var project in Repository.Files.Where(f => f.StartsWith("cmd/", StringComparison.Ordinal) && f.EndsWith(".csproj", StringComparison.Ordinal)))
        {
            Assert.All(References(project), used => Assert.True(Directory.Exists(Path.Combine(Checkout.Root, "lib", used)), $"{project} uses {used}"));
        }
    }

    [Theory]
    [InlineData("lib/Policy")]
    [InlineData("lib/Supervision")]
    public void Pure_libraries_touch_no_file_socket_process_or_clock(string area)
    {
        var effects = new Regex(@"\b(System\.IO|System\.Net|System\.Diagnostics\.Process|File\.|Directory\.|FileStream|Console\.|Environment\.(GetEnv|TickCount|Exit)|TimeProvider\.System|Stopwatch|Task\.Run|Thread\b(?!ing|Static))");
        foreach (var file in Repository.Sources(area))
        {
            var code = string.Join('\n', Checkout.Read(file).Split('\n').Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal)));
            var match = effects.Match(code);
            Assert.False(match.Success, $"{file} uses {match.Value}");
        }
    }

    private static IEnumerable<string> References(string project) =>
        XDocument.Parse(Checkout.Read(project)).Descendants("ProjectReference")
            .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')));
}
