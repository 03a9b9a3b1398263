namespace Strata.Sandbox.Tests;

/// <summary>Pulls from a real registry, filled by a real tool.</summary>
public sealed class RegistryPullTests : IAsyncLifetime
{
    private static readonly byte[] Lower = new TarMaker().Directory("etc").File("etc/name", "lower").Done();
    private static readonly byte[] Upper = new TarMaker().Directory("etc").File("etc/name", "upper").Done();

    private readonly ImagePlace _place = new();
    private Registry _registry = null!;

    public async ValueTask InitializeAsync()
    {
        _registry = await Registry.StartAsync();
        _place.Reopen(new ImageOptions { Registries = RegistryList.Parse(_registry.Host) });
    }

    public ValueTask DisposeAsync()
    {
        _registry?.Dispose();
        _place.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task An_image_is_pulled_by_tag_and_by_digest_and_means_the_same()
    {
        var layout = new OciLayoutMaker().Layer(Lower).Layer(Upper);
        var manifest = layout.Manifest();
        await _registry.PushAsync(layout, layout.Index((OciLayoutMaker.Architecture, manifest)), "team/app:1");
        var image = await PullAsync("team/app:1");
        Assert.Equal("upper", _place.FileOf(image, "etc/name"));
        Assert.Equal([$"{_registry.Host}/team/app:1", $"{_registry.Host}/team/app@{image.Record.Manifest}"], image.Names);
        Assert.Equal(image.Record.Manifest, (await PullAsync($"team/app@{image.Record.Manifest}")).Record.Manifest);
        Assert.Empty(_place.Store.Validate($"{_registry.Host}/team/app:1", default));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_place.Directory, "parts")));
    }

    [Fact]
    public async Task Dockers_form_of_an_image_is_pulled_as_well()
    {
        var layout = new OciLayoutMaker().Layer(Lower);
        await _registry.PushAsync(layout, layout.Index((OciLayoutMaker.Architecture, layout.Manifest())), "app:docker", "--format", "v2s2");
        Assert.Equal("lower", _place.FileOf(await PullAsync("app:docker"), "etc/name"));
    }

    [Fact]
    public async Task Layers_that_another_tool_packed_with_zstd_are_pulled()
    {
        var layout = new OciLayoutMaker().Layer(Lower, MediaTypes.OciLayer).Layer(Upper, MediaTypes.OciLayer);
        await _registry.PushAsync(layout, layout.Index((OciLayoutMaker.Architecture, layout.Manifest())), "app:zstd", "--dest-compress-format", "zstd");
        var image = await PullAsync("app:zstd");
        Assert.Contains("tar+zstd", System.Text.Encoding.UTF8.GetString(_place.Store.ReadDocument(image.Record.Digest)!), StringComparison.Ordinal);
        Assert.Equal("upper", _place.FileOf(image, "etc/name"));
    }

    [Fact]
    public async Task Of_an_image_for_many_machines_the_one_for_this_is_pulled()
    {
        var layout = new OciLayoutMaker().Layer(Upper);
        var mine = layout.Manifest();
        var other = new OciLayoutMaker { ConfigMembers = "" }.Layer(Lower);
        var theirs = other.Manifest();
        foreach (var blob in other.Blobs.Values)
        {
            layout.Add(blob);
        }

        var index = layout.Index(("riscv64", theirs), (OciLayoutMaker.Architecture, mine));
        var top = layout.Add(System.Text.Encoding.UTF8.GetBytes(index));
        await _registry.PushAsync(layout, $$"""{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.index.v1+json","digest":"{{top}}","size":{{index.Length}}}]}""", "many:1", "--all");
        var image = await PullAsync("many:1");
        Assert.Equal(mine.ToString(), image.Record.Manifest);
        Assert.Equal("upper", _place.FileOf(image, "etc/name"));
        Assert.Contains($"{_registry.Host}/many@{top}", image.Names);
    }

    [Fact]
    public async Task What_a_registry_does_not_have_is_not_found()
    {
        var e = await Assert.ThrowsAsync<SandboxException>(() => PullAsync("nothing:1"));
        Assert.Equal("image_not_found", e.Reason);
    }

    private async Task<StoredImage> PullAsync(string name)
    {
        using var pull = new ImagePull(_place.Store, _place.Directory, _place.Options, TimeProvider.System);
        return await pull.RunAsync(ImageReference.Parse($"{_registry.Host}/{name}"), null, new ImageProgress(), TestContext.Current.CancellationToken);
    }
}
