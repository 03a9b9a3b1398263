namespace Strata.Sandbox.Tests;

/// <summary>Images in real sandboxes.</summary>
public sealed class ImageSandboxTests
{
    private const string Busybox = "/bin/busybox";

    [Fact]
    public async Task Programs_see_the_layers_as_their_makers_meant_them()
    {
        Assert.True(File.Exists(Busybox), "busybox is missing; run: apt-get install busybox-static");
        using var place = new ImagePlace();
        var lower = new TarMaker().Directory("bin").Entry('0', "bin/sh", content: File.ReadAllBytes(Busybox), mode: 0xfed).Directory("proc").Directory("dev").Directory("tmp", 0x3ff).Directory("etc")
            .File("etc/gone", "lower").File("etc/kept", "lower").Directory("old").File("old/hidden", "lower").Directory("replaced").File("replaced/hidden", "lower").File("own", "x", 0x180, owner: 1000).Done();
        var upper = new TarMaker().Directory("etc").File("etc/.wh.gone").Directory("old").File("old/.wh..wh..opq").File("old/new", "upper").File(".wh.replaced").Directory("replaced").Link("escape", "/../../../../etc").Done();
        var layout = new OciLayoutMaker().Layer(lower).Layer(upper);
        place.Import(layout.Tar(layout.Index((OciLayoutMaker.Architecture, layout.Manifest()))), "app");
        using var image = place.Store.Use("app");

        await using var fixture = new EngineFixture();
        var sandbox = await fixture.CreateAsync(fixture.Plan() with { Layers = image.Directories, User = 1000 });
        var said = await sandbox.ShellAsync("echo /etc/* /old/* /replaced/* /escape/kept; read x </own; echo $x; echo changed >/etc/kept 2>/dev/null || echo refused");

        Assert.Equal("/etc/kept /old/new /replaced/* /escape/kept\nx\n" + (SandboxIds.OnDisk.IsSingle ? "" : "refused\n"), said.Output);
        Assert.Empty(place.Store.Validate("app", default));
    }
}
