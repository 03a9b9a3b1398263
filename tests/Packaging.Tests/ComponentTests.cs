using System.Text.Json;

namespace Strata.Packaging.Tests;

/// <summary>What a release is said to be made of, by this checkout as it was built.</summary>
public sealed class ComponentTests
{
    [Fact]
    public async Task Every_package_of_every_programs_lock_file_is_a_component_with_a_licence()
    {
        _ = Checkout.Program("supervisor");
        var result = (await Command.RunAsync("python3", ["-B", Checkout.At("packaging/release/components.py"), "list", Checkout.At("bin")])).Succeeded();
        using var document = JsonDocument.Parse(result.Output);
        var components = document.RootElement.EnumerateArray().ToDictionary(c => Text(c, "purl"));
        var locked = Directory.GetFiles(Checkout.At("cmd"), "packages.lock.json", SearchOption.AllDirectories).Where(f => !f.Contains("/obj/", StringComparison.Ordinal)).SelectMany(Locked).Distinct().ToList();
        Assert.Contains(locked, p => p.StartsWith("pkg:nuget/System.CommandLine@", StringComparison.Ordinal));
        Assert.All(locked, p => Assert.Contains(p, components.Keys));
        Assert.All(components.Values, c => Assert.NotEqual("NOASSERTION", Text(c, "licence")));

        // The runtime is shipped and what trims and compiles it is not, however they are called on this architecture.
        Assert.Equal("CONTAINS", Text(components.Single(c => c.Key.StartsWith("pkg:nuget/Microsoft.NETCore.App.Runtime.", StringComparison.Ordinal)).Value, "relation"));
        Assert.All(
            components.Where(c => c.Key.Contains("Crossgen2", StringComparison.Ordinal) || c.Key.Contains("ILLink", StringComparison.Ordinal) || c.Key.Contains("Analyzers", StringComparison.Ordinal)),
            c => Assert.Equal("BUILD_DEPENDENCY_OF", Text(c.Value, "relation")));
    }

    private static IEnumerable<string> Locked(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(file));
        return [.. document.RootElement.GetProperty("dependencies").EnumerateObject().SelectMany(f => f.Value.EnumerateObject())
            .Where(p => Text(p.Value, "type") != "Project").Select(p => $"pkg:nuget/{p.Name}@{Text(p.Value, "resolved")}")];
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
