using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Strata.Packaging.Tests;

/// <summary>The SPDX document of a small release: two archives and one component of each kind.</summary>
public sealed class BillOfMaterialsTests : IDisposable
{
    private const string Components = """
        [
          {"name": "System.CommandLine", "version": "3.0.0", "licence": "MIT", "supplier": "NOASSERTION", "purl": "pkg:nuget/System.CommandLine@3.0.0", "source": "locked", "relation": "CONTAINS"},
          {"name": "Analyzer", "version": "1.0.0", "licence": "MIT", "supplier": "NOASSERTION", "purl": "pkg:nuget/Analyzer@1.0.0", "source": "locked", "relation": "BUILD_DEPENDENCY_OF"},
          {"name": "libsodium23", "version": "1.0.18-1", "licence": "ISC", "supplier": "Organization: Debian", "purl": "pkg:deb/debian/libsodium23@1.0.18-1?arch=amd64", "source": "s", "relation": "CONTAINS"},
          {"name": "libc6", "version": "2.36-9", "licence": "LGPL-2.1-or-later", "supplier": "Organization: Debian", "purl": "pkg:deb/debian/libc6@2.36-9?arch=amd64", "source": "s", "relation": "CONTAINS"}
        ]
        """;

    private readonly TempDirectory _temp = new();

    public BillOfMaterialsTests()
    {
        SmallTree.Make(_temp["deb"], DateTime.UnixEpoch, ("usr/bin/supervisor", "program"), ("etc/strata/strata.env", "# settings\n"));
        SmallTree.Make(_temp["tarball"], DateTime.UnixEpoch, ("lib/strata/supervisor", "program"), ("README.md", "read"));
        SmallTree.Make(_temp["base"], DateTime.UnixEpoch, ("lib/libc.so.6", "c"));
        File.CreateSymbolicLink(_temp["deb/link"], "usr/bin/supervisor");
        File.WriteAllText(_temp["components"], Components);
        foreach (var archive in Archives.Keys)
        {
            File.WriteAllText(_temp[archive], archive);
        }
    }

    /// <summary>The archives, and the directories whose files they hold.</summary>
    private static Dictionary<string, string[]> Archives { get; } = new()
    {
        ["strata_1.2.3_amd64.deb"] = ["deb"],
        ["strata-1.2.3-linux-x64.tar.gz"] = ["tarball"],
        ["strata-1.2.3-linux-x64.oci.tar"] = ["base", "tarball"],
    };

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task The_document_has_what_SPDX_2_3_requires()
    {
        using var document = await WriteAsync("a");
        var root = document.RootElement;
        Assert.Equal("SPDX-2.3", Text(root, "spdxVersion"));
        Assert.Equal("CC0-1.0", Text(root, "dataLicense"));
        Assert.Equal("SPDXRef-DOCUMENT", Text(root, "SPDXID"));
        Assert.Equal("strata-1.2.3", Text(root, "name"));
        Assert.Matches("^https://spdx.org/spdxdocs/strata-1.2.3-[0-9a-f]{64}$", Text(root, "documentNamespace"));
        Assert.Equal("2023-11-14T22:13:20Z", Text(root.GetProperty("creationInfo"), "created"));
        Assert.All(root.GetProperty("creationInfo").GetProperty("creators").EnumerateArray(), c => Assert.Matches("^(Tool|Organization|Person): .+", c.GetString()));
        Assert.All(Array(root, "packages"), p =>
        {
            Assert.NotEqual("", Text(p, "name") + Text(p, "downloadLocation") + Text(p, "licenseDeclared") + Text(p, "licenseConcluded"));
            Assert.Matches("^(NOASSERTION|(Organization|Person): .+)$", Text(p, "supplier"));
            Assert.Equal(p.GetProperty("filesAnalyzed").GetBoolean(), p.TryGetProperty("packageVerificationCode", out _));
        });
    }

    [Fact]
    public async Task Every_file_of_every_archive_is_listed_with_its_checksums_and_no_other()
    {
        using var document = await WriteAsync("a");
        var files = Array(document.RootElement, "files").ToDictionary(f => Text(f, "SPDXID"));
        foreach (var (archive, directories) in Archives)
        {
            var package = Array(document.RootElement, "packages").Single(p => p.TryGetProperty("packageFileName", out var name) && name.GetString() == archive);
            Assert.Equal(Hex(SHA256.HashData(File.ReadAllBytes(_temp[archive]))), Text(package.GetProperty("checksums")[0], "checksumValue"));
            var listed = Array(package, "hasFiles").Select(id => files[id.GetString()!]).ToDictionary(f => Text(f, "fileName"), f => Array(f, "checksums").ToDictionary(c => Text(c, "algorithm"), c => Text(c, "checksumValue")));
            var held = directories.SelectMany(d => Directory.GetFiles(_temp[d], "*", SearchOption.AllDirectories).Where(f => File.ResolveLinkTarget(f, false) is null).Select(f => (Name: "./" + Path.GetRelativePath(_temp[d], f), Content: File.ReadAllBytes(f)))).ToList();
            Assert.Equal(held.Select(h => h.Name).Order(), listed.Keys.Order());
            Assert.All(held, h => Assert.Equal((Hex(Sha1(h.Content)), Hex(SHA256.HashData(h.Content))), (listed[h.Name]["SHA1"], listed[h.Name]["SHA256"])));

            // SPDX 2.3, 7.9.
            var code = Hex(Sha1(Encoding.ASCII.GetBytes(string.Concat(held.Select(h => Hex(Sha1(h.Content))).Order(StringComparer.Ordinal)))));
            Assert.Equal(code, Text(package.GetProperty("packageVerificationCode"), "packageVerificationCodeValue"));
        }
    }

    [Fact]
    public async Task Identifiers_are_unique_and_every_relationship_leads_to_one()
    {
        using var document = await WriteAsync("a");
        var root = document.RootElement;
        var ids = Array(root, "packages").Concat(Array(root, "files")).Select(e => Text(e, "SPDXID")).Append("SPDXRef-DOCUMENT").ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Matches(new Regex("^SPDXRef-[A-Za-z0-9.-]+$"), id));
        Assert.All(Array(root, "relationships"), r =>
        {
            Assert.Contains(Text(r, "spdxElementId"), ids);
            Assert.Contains(Text(r, "relatedSpdxElement"), ids);
        });
        Assert.Equal(Archives.Count, Relations(root, "DESCRIBES").Count);
    }

    [Fact]
    public async Task An_archive_contains_what_lies_in_it_and_nothing_that_only_built_it()
    {
        using var document = await WriteAsync("a");
        var contained = Relations(document.RootElement, "CONTAINS");
        Assert.Equal(3, contained.Count(r => r.Related == "SPDXRef-Package-System.CommandLine-3.0.0"));
        Assert.Equal(2, contained.Count(r => r.Related == "SPDXRef-Package-libsodium23-1.0.18-1"));
        Assert.EndsWith("oci.tar", Assert.Single(contained, r => r.Related == "SPDXRef-Package-libc6-2.36-9").Element, StringComparison.Ordinal);
        Assert.DoesNotContain(contained, r => r.Related.Contains("Analyzer", StringComparison.Ordinal));
        Assert.Equal(3, Relations(document.RootElement, "BUILD_DEPENDENCY_OF").Count(r => r.Element == "SPDXRef-Package-Analyzer-1.0.0"));
    }

    [Fact]
    public async Task The_same_release_has_the_same_document_and_another_another_name()
    {
        using var first = await WriteAsync("a");
        using var second = await WriteAsync("b");
        Assert.Equal(File.ReadAllBytes(_temp["a"]), File.ReadAllBytes(_temp["b"]));
        File.WriteAllText(_temp["deb/etc/strata/strata.env"], "# other settings\n");
        using var changed = await WriteAsync("c");
        Assert.NotEqual(Text(first.RootElement, "documentNamespace"), Text(changed.RootElement, "documentNamespace"));
    }

    [Fact]
    public async Task The_checker_of_releases_finds_what_was_changed_afterwards()
    {
        using var document = await WriteAsync("a");
        (await CheckAsync()).Succeeded();
        File.AppendAllText(_temp["tarball/README.md"], "more");
        var result = await CheckAsync();
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("./README.md", result.Error, StringComparison.Ordinal);
    }

    private Task<CommandResult> CheckAsync() =>
        Command.RunAsync("python3", ["-B", Checkout.At("packaging/release/check.py"), _temp["a"], .. Archives.Select(a => $"{_temp[a.Key]}={string.Join(',', a.Value.Select(d => _temp[d]))}")]);

    private async Task<JsonDocument> WriteAsync(string name)
    {
        var artefacts = Archives.SelectMany(a => new[] { "--artefact", $"{_temp[a.Key]}={string.Join(',', a.Value.Select(d => _temp[d]))}" });
        (await Command.RunAsync("python3", ["-B", Checkout.At("packaging/release/sbom.py"), "--version", "1.2.3", "--epoch", "1700000000", "--components", _temp["components"], .. artefacts, _temp[name]])).Succeeded();
        return JsonDocument.Parse(File.ReadAllBytes(_temp[name]));
    }

    private static List<(string Element, string Related)> Relations(JsonElement root, string kind) =>
        [.. Array(root, "relationships").Where(r => Text(r, "relationshipType") == kind).Select(r => (Text(r, "spdxElementId"), Text(r, "relatedSpdxElement")))];

    private static JsonElement.ArrayEnumerator Array(JsonElement element, string name) => element.GetProperty(name).EnumerateArray();

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

#pragma warning disable CA5350 // SPDX names files by SHA-1, besides the SHA-256.
    private static byte[] Sha1(byte[] content) => SHA1.HashData(content);
#pragma warning restore CA5350
}
