using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;

namespace Strata.Packaging.Tests;

/// <summary>The writer of OCI layouts, on two small layers.</summary>
public sealed class ImageLayoutTests : IDisposable
{
    private const int Epoch = 1_700_000_000;

    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task The_same_trees_give_the_same_bytes_whenever_and_in_whatever_order_they_were_written()
    {
        await WriteAsync("first", new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc), reversed: false);
        await WriteAsync("second", new DateTime(2024, 5, 6, 0, 0, 0, DateTimeKind.Utc), reversed: true);
        Assert.Equal(Contents(_temp["first/image"]), Contents(_temp["second/image"]));
        Assert.Equal(HashOf(_temp["first/image.tar"]), HashOf(_temp["second/image.tar"]));
    }

    [Fact]
    public async Task Every_reference_leads_to_a_blob_of_its_size_and_checksum()
    {
        await WriteAsync("a", DateTime.UnixEpoch, reversed: false);
        using var index = Read("index.json");
        var described = index.RootElement.GetProperty("manifests")[0];
        Assert.Equal("1.2.3", described.GetProperty("annotations").GetProperty("org.opencontainers.image.ref.name").GetString());
        using var manifest = JsonDocument.Parse(Blob(described));
        using var config = JsonDocument.Parse(Blob(manifest.RootElement.GetProperty("config")));
        Assert.Equal("linux", config.RootElement.GetProperty("os").GetString());
        Assert.Equal("2023-11-14T22:13:20Z", config.RootElement.GetProperty("created").GetString());
        Assert.Equal("10001:10001", config.RootElement.GetProperty("config").GetProperty("User").GetString());
        var layers = manifest.RootElement.GetProperty("layers").EnumerateArray().ToList();
        var inside = config.RootElement.GetProperty("rootfs").GetProperty("diff_ids").EnumerateArray().Select(d => d.GetString()).ToList();
        Assert.Equal(2, layers.Count);
        Assert.Equal(layers.Select(l => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Unzipped(Blob(l))))), inside);
        using var layout = Read("oci-layout");
        Assert.Equal("1.0.0", layout.RootElement.GetProperty("imageLayoutVersion").GetString());
    }

    [Fact]
    public async Task Files_belong_to_root_but_those_that_were_given_to_a_user()
    {
        await WriteAsync("a", DateTime.UnixEpoch, reversed: false);
        using var index = Read("index.json");
        using var manifest = JsonDocument.Parse(Blob(index.RootElement.GetProperty("manifests")[0]));
        var entries = Entries(Blob(manifest.RootElement.GetProperty("layers")[0]));
        Assert.Equal(["etc", "etc/passwd", "usr", "usr/bin", "usr/bin/program", "usr/link", "var", "var/lib", "var/lib/strata", "var/lib/strata/readme", "var/lib/strata2"], entries.Keys);
        Assert.All(entries, e => Assert.Equal(e.Key is "var/lib/strata" or "var/lib/strata/readme" ? 10001 : 0, e.Value.Uid));
        Assert.All(entries.Values, e => Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(Epoch), e.ModificationTime));
        Assert.Equal((UnixFileMode)0b111_101_101, entries["usr/bin/program"].Mode);
        Assert.Equal("bin/program", entries["usr/link"].LinkName);
    }

    [Fact]
    public async Task A_hard_link_is_refused()
    {
        var tree = SmallTree.Make(_temp["tree"], DateTime.UnixEpoch, ("one", "1"));
        (await Command.RunAsync("ln", [tree + "/one", tree + "/two"])).Succeeded();
        var result = await Command.RunAsync("python3", ["-B", Checkout.At("packaging/release/tarball.py"), tree, "folder", "0", _temp["out"]]);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("two is a hard link", result.Error, StringComparison.Ordinal);
    }

    private async Task WriteAsync(string name, DateTime written, bool reversed)
    {
        (string, string)[] files = [("usr/bin/program", "#!/bin/sh\n"), ("etc/passwd", "root:x:0:0::/:/\n"), ("var/lib/strata/readme", "own"), ("var/lib/strata2", "not own")];
        var tree = SmallTree.Make(_temp[name + "/base"], written, reversed ? [.. files.Reverse()] : files);
        File.CreateSymbolicLink(tree + "/usr/link", "bin/program");
        var second = SmallTree.Make(_temp[name + "/strata"], written, ("usr/lib/strata/supervisor", "program"));
        await OciAsync("--version", "1.2.3", "--config", Checkout.At("packaging/oci/config.json"), "--own", "var/lib/strata=10001", "--layer", tree, "--layer", second, _temp[name + "/image"]);
        await OciAsync("--pack", _temp[name + "/image"], _temp[name + "/image.tar"]);
    }

    private static async Task OciAsync(params string[] arguments) =>
        (await Command.RunAsync("python3", ["-B", Checkout.At("packaging/release/oci.py"), "--epoch", Epoch.ToString(CultureInfo.InvariantCulture), .. arguments])).Succeeded();

    private JsonDocument Read(string name) => JsonDocument.Parse(File.ReadAllBytes(_temp["a/image/" + name]));

    /// <summary>What a descriptor leads to, held to its checksum and size.</summary>
    private byte[] Blob(JsonElement descriptor)
    {
        var digest = descriptor.GetProperty("digest").GetString()!;
        var content = File.ReadAllBytes(_temp["a/image/blobs/sha256/" + digest["sha256:".Length..]]);
        Assert.Equal(digest, "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content)));
        Assert.Equal(descriptor.GetProperty("size").GetInt64(), content.Length);
        return content;
    }

    private static byte[] Unzipped(byte[] content)
    {
        using var plain = new MemoryStream();
        using var packed = new GZipStream(new MemoryStream(content), CompressionMode.Decompress);
        packed.CopyTo(plain);
        return plain.ToArray();
    }

    private static Dictionary<string, TarEntry> Entries(byte[] layer)
    {
        var found = new Dictionary<string, TarEntry>(StringComparer.Ordinal);
        using var reader = new TarReader(new MemoryStream(Unzipped(layer)));
        while (reader.GetNextEntry() is { } entry)
        {
            found.Add(entry.Name.TrimEnd('/'), entry);
        }

        return found;
    }

    private static IEnumerable<string> Contents(string directory) =>
        Directory.GetFiles(directory, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(f => $"{Path.GetRelativePath(directory, f)} {HashOf(f)}");

    private static string HashOf(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));
}
