using System.IO.Compression;
using System.Text;

namespace Strata.Sandbox.Tests;

public sealed class ImageImportTests : IDisposable
{
    private static readonly byte[] Lower = new TarMaker().Directory("etc").File("etc/name", "lower").File("etc/old", "x").Done();
    private static readonly byte[] Upper = new TarMaker().Directory("etc").File("etc/name", "upper").File("etc/.wh.old").Done();

    private readonly ImagePlace _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public void An_oci_layout_keeps_its_layers_its_digest_and_what_it_starts_programs_with()
    {
        var layout = new OciLayoutMaker().Layer(Lower).Layer(Upper);
        var manifest = layout.Manifest();
        var image = _place.Import(layout.Tar(layout.Index((OciLayoutMaker.Architecture, manifest))), "mine");
        Assert.Equal(manifest.ToString(), image.Record.Manifest);
        Assert.Equal([Digest.Of(Lower).ToString(), Digest.Of(Upper).ToString()], image.Layers.Select(layer => layer.Digest));
        var use = _place.Store.Use("mine");
        Assert.Equal("upper", File.ReadAllText(Path.Combine(use.Directories[0], "etc/name")));
        Assert.Equal("lower", File.ReadAllText(Path.Combine(use.Directories[1], "etc/name")));
        Assert.Equivalent(new ImageDefaults(["A=b"], "/srv", "1000", ["/bin/x"], ["y"]), use.Defaults);
    }

    [Fact]
    public void Layers_are_shared_between_images()
    {
        var one = new OciLayoutMaker().Layer(Lower);
        var two = new OciLayoutMaker().Layer(Lower).Layer(Upper);
        _place.Import(one.Tar(one.Index((OciLayoutMaker.Architecture, one.Manifest()))), "one");
        _place.Import(two.Tar(two.Index((OciLayoutMaker.Architecture, two.Manifest()))), "two");
        Assert.Equal(2, Directory.EnumerateDirectories(Path.Combine(_place.Directory, "layers")).Count());
        Assert.Equal(0, _place.Store.Delete("one").Layers);
        Assert.Empty(_place.Store.Validate("two", default));
    }

    [Fact]
    public void The_image_for_this_machine_is_chosen()
    {
        var layout = new OciLayoutMaker().Layer(Lower);
        var mine = layout.Manifest();
        var other = layout.Add([.. layout.Blobs[mine.Hex], (byte)' ']);
        var image = _place.Import(layout.Tar(layout.Index(("riscv64", other), (OciLayoutMaker.Architecture, mine))), "mine");
        Assert.Equal(mine.ToString(), image.Record.Manifest);
        Assert.Contains("nothing for linux/", _place.Refusal(layout.Tar(layout.Index(("riscv64", other), ("s390x", mine)))), StringComparison.Ordinal);
    }

    [Fact]
    public void An_archive_of_docker_is_read_also_when_it_is_packed()
    {
        var config = Encoding.UTF8.GetBytes($$$"""{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["{{{Digest.Of(Lower)}}}"]}}""");
        var tar = new TarMaker().Entry('0', "abc/layer.tar", content: Lower).Entry('0', "c.json", content: config).Link("also/layer.tar", "../abc/layer.tar")
            .File("manifest.json", """[{"Config":"c.json","RepoTags":["x:1"],"Layers":["also/layer.tar"]}]""").Done();
        var plain = _place.Import(tar, "plain");
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(tar);
        }

        Assert.Equal(plain.Record.Manifest, _place.Import(packed.ToArray(), "packed").Record.Manifest);
        Assert.Equal("lower", _place.FileOf(plain, "etc/name"));
    }

    [Fact]
    public void A_blob_that_is_not_what_its_name_says_is_refused()
    {
        var layout = new OciLayoutMaker().Layer(Lower);
        var archive = layout.Tar(layout.Index((OciLayoutMaker.Architecture, layout.Manifest())));
        var blob = layout.Blobs.Values.First();
        archive.AsSpan()[archive.AsSpan().IndexOf(blob) + 30] ^= 1;
        Assert.Contains("something else", _place.Refusal(archive), StringComparison.Ordinal);
        Assert.Empty(_place.Left());
    }

    [Fact]
    public void A_layer_that_unpacks_to_another_than_its_image_says_is_refused()
    {
        var layout = new OciLayoutMaker().Layer(Lower, said: Digest.Of(Upper));
        Assert.Contains("as its image says", _place.Refusal(layout.Tar(layout.Index((OciLayoutMaker.Architecture, layout.Manifest())))), StringComparison.Ordinal);
        Assert.Empty(_place.Left());
    }

    [Theory]
    [InlineData("application/vnd.docker.image.rootfs.foreign.diff.tar")]
    [InlineData("text/html")]
    public void A_layer_of_a_kind_that_is_not_read_is_named(string type)
    {
        var layout = new OciLayoutMaker().Layer(Lower, type);
        Assert.Contains(type, _place.Refusal(layout.Tar(layout.Index((OciLayoutMaker.Architecture, layout.Manifest())))), StringComparison.Ordinal);
    }

    [Fact]
    public void As_many_layers_as_may_be_and_one_more()
    {
        byte[] Image(int count)
        {
            var layout = Enumerable.Range(0, count).Aggregate(new OciLayoutMaker(), (made, i) => made.Layer(new TarMaker().File($"f{i}").Done()));
            return layout.Tar(layout.Index((OciLayoutMaker.Architecture, layout.Manifest())));
        }

        _place.Reopen(new ImageOptions { MaxLayers = 2 });
        Assert.Equal(2, _place.Import(Image(2), "two").Layers.Count);
        Assert.Contains("it may have 1 to 2", _place.Refusal(Image(3)), StringComparison.Ordinal);
        Assert.Contains("it may have 1 to 2", _place.Refusal(Image(0)), StringComparison.Ordinal);
    }

    [Fact]
    public void As_many_characters_of_what_programs_start_with_as_one_answer_holds_and_one_more()
    {
        byte[] Image(int more)
        {
            var words = string.Join(',', Enumerable.Repeat($"\"{new string('w', 32 * 1024)}\"", 4)) + (more > 0 ? ",\"x\"" : "");
            var layout = new OciLayoutMaker { ConfigMembers = $"\"config\":{{\"Cmd\":[{words}]}}," }.Layer(Lower);
            return layout.Tar(layout.Index((OciLayoutMaker.Architecture, layout.Manifest())));
        }

        Assert.Equal(4, _place.Import(Image(0), "most").Record.Defaults.Command.Count);
        Assert.Contains("characters", _place.Refusal(Image(1)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("[null]")]
    [InlineData("[{}]")]
    [InlineData("{")]
    [InlineData("""[{"Config":"c","Layers":[null]}]""")]
    [InlineData("""[{"Config":"c","Layers":["/etc/passwd"]}]""")]
    public void A_manifest_that_says_nothing_of_use_is_refused(string manifest) =>
        Assert.NotEmpty(_place.Refusal(new TarMaker().File("manifest.json", manifest).File("c", "{}").Done()));

    [Theory]
    [InlineData("""{"schemaVersion":2,"manifests":[null]}""")]
    [InlineData("""{"schemaVersion":2,"layers":[null]}""")]
    [InlineData("""{"schemaVersion":2}""")]
    [InlineData("""{"schemaVersion":2,"manifests":[{"digest":"sha256:../../../../etc/passwd","size":1}]}""")]
    public void An_index_that_says_nothing_of_use_is_refused(string index) =>
        Assert.NotEmpty(_place.Refusal(new TarMaker().File("oci-layout", "{}").File("index.json", index).Done()));
}
