using System.Security.Cryptography;
using System.Text.Json;

namespace Strata.Nix.Tests;

public sealed class DepsTests
{
    private const string Remedy = "run nix/deps.py";

    // These come with the SDK of nixpkgs, in its own version.
    private static readonly string[] SdkPacks = ["Microsoft.NETCore.App.", "Microsoft.AspNetCore.App.", "Microsoft.NET.ILLink.", "Microsoft.DotNet.ILCompiler"];

    [Fact]
    public void Every_package_of_the_programs_lock_files_is_listed_and_no_other()
    {
        var locked = Projects().SelectMany(Locked).Where(p => !SdkPacks.Any(pack => p.StartsWith(pack, StringComparison.OrdinalIgnoreCase))).Distinct().Order(StringComparer.Ordinal);
        var listed = Listed().Select(p => $"{p.Name} {p.Version}").Order(StringComparer.Ordinal);
        Assert.True(locked.SequenceEqual(listed), $"the lock files have\n  {string.Join("\n  ", locked)}\nand nix/deps.json\n  {string.Join("\n  ", listed)}\n{Remedy}");
    }

    [Fact]
    public void Every_hash_is_that_of_the_package_which_was_restored()
    {
        using var assets = JsonDocument.Parse(File.ReadAllBytes(Checkout.At("lib/Supervision/obj/project.assets.json")));
        var folders = assets.RootElement.GetProperty("packageFolders").EnumerateObject().Select(f => f.Name).ToList();
        foreach (var (name, version, hash) in Listed())
        {
            var id = name.ToLowerInvariant();
            var archive = folders.Select(f => Path.Combine(f, id, version, $"{id}.{version}.nupkg")).FirstOrDefault(File.Exists);
            Assert.True(archive is not null, $"{name} {version} is not in {string.Join(", ", folders)}; run ./build.sh");
            Assert.True($"sha256-{Convert.ToBase64String(SHA256.HashData(File.ReadAllBytes(archive)))}" == hash, $"{archive} has another hash than nix/deps.json says; {Remedy}");
        }
    }

    [Fact]
    public void The_list_is_sorted_by_bytes_and_has_nothing_but_name_version_and_hash()
    {
        using var list = JsonDocument.Parse(Checkout.Read("nix/deps.json"));
        Assert.All(list.RootElement.EnumerateArray(), entry => Assert.Equal(["pname", "version", "hash"], entry.EnumerateObject().Select(m => m.Name)));
        var names = Listed().Select(p => p.Name).ToList();
        Assert.Equal(names.Distinct().Order(StringComparer.Ordinal), names);
    }

    private static IEnumerable<string> Projects() =>
        new[] { "cmd", "lib" }.SelectMany(area => Directory.EnumerateDirectories(Checkout.At(area))).Append(Checkout.At("build"))
            .Select(folder => Path.Combine(folder, "packages.lock.json")).Where(File.Exists);

    private static IEnumerable<string> Locked(string path)
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(path));
        return
        [
            .. from framework in file.RootElement.GetProperty("dependencies").EnumerateObject()
               from package in framework.Value.EnumerateObject()
               where package.Value.GetProperty("type").GetString() != "Project"
               select $"{package.Name} {package.Value.GetProperty("resolved").GetString()}",
        ];
    }

    private static List<(string Name, string Version, string Hash)> Listed()
    {
        using var list = JsonDocument.Parse(Checkout.Read("nix/deps.json"));
        return [.. list.RootElement.EnumerateArray().Select(e => (Text(e, "pname"), Text(e, "version"), Text(e, "hash")))];
    }

    private static string Text(JsonElement entry, string name) => entry.GetProperty(name).GetString()!;
}
