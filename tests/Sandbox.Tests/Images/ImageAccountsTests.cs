using Strata.Ipc;

namespace Strata.Sandbox.Tests;

/// <summary>Whom an image's programs run as.</summary>
public sealed class ImageAccountsTests
{
    private const string Users = "root:x:0:0:root:/root:/bin/sh\napp:x:101:102::/srv/app:/bin/sh\nbroken\nfar:x:70000:0::/:\nodd name:x:103:103::relative:\n";
    private const string Groups = "root:x:0:\nstaff:x:50:app\n";

    [Theory]
    [InlineData("app", 101, 102, "app", "/srv/app")]
    [InlineData("app:staff", 101, 50, "app", "/srv/app")]
    [InlineData("101", 101, 102, "app", "/srv/app")]
    [InlineData("101:7", 101, 7, "app", "/srv/app")]
    [InlineData("1234", 1234, 0, "1234", "/")]
    [InlineData("1234:staff", 1234, 50, "1234", "/")]
    [InlineData("root", 0, 0, "root", "/root")]
    [InlineData("103", 103, 103, "103", "/")]
    public void Names_and_numbers_are_looked_up_in_the_images_own_files(string said, int user, int group, string name, string home)
    {
        using var place = new ImagePlace();
        var image = Import(place, new TarMaker().Directory("etc").File("etc/passwd", Users).File("etc/group", Groups).Done());
        Assert.Equal(new SessionAccount(user, group, name, home), ImageAccounts.Resolve(said, image));
    }

    [Theory]
    [InlineData("nobody-here", "/etc/passwd does not have")]
    [InlineData("app:nobody-here", "/etc/group does not have")]
    [InlineData("far", "below 65536")]
    [InlineData("0:65536", "below 65536")]
    [InlineData("99999999999", "/etc/passwd does not have")]
    [InlineData("../../etc/shadow", "/etc/passwd does not have")]
    public void Whom_nobody_has_is_refused_in_words(string said, string words)
    {
        using var place = new ImagePlace();
        var image = Import(place, new TarMaker().Directory("etc").File("etc/passwd", Users).File("etc/group", Groups).Done());
        var refused = Assert.Throws<SandboxException>(() => ImageAccounts.Resolve(said, image));
        Assert.Equal((ErrorCode.InvalidArgument, "image_refused"), (refused.Code, refused.Reason));
        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_topmost_layer_that_has_the_file_says_it_and_what_is_hidden_is_not_there()
    {
        using var place = new ImagePlace();
        var lower = new TarMaker().Directory("etc").File("etc/passwd", Users).Done();
        Assert.Equal(9, Resolve(place, lower, new TarMaker().Directory("etc").File("etc/passwd", "app:x:9:9::/:").Done()).User);
        Assert.Equal(101, Resolve(place, lower, new TarMaker().Directory("etc").File("etc/other").Done()).User);
        foreach (var upper in (TarMaker[])[new TarMaker().Directory("etc").File("etc/.wh.passwd"), new TarMaker().File(".wh.etc"), new TarMaker().Directory("etc").File("etc/.wh..wh..opq")])
        {
            Assert.Throws<SandboxException>(() => Resolve(place, lower, upper.Done()));
        }
    }

    [Fact]
    public void No_link_fifo_or_endless_file_is_read()
    {
        using var place = new ImagePlace();
        foreach (var archive in (TarMaker[])
            [
                new TarMaker().Directory("etc").Link("etc/passwd", "/etc/passwd"), new TarMaker().Link("etc", "/etc"), new TarMaker().Directory("etc").Entry('6', "etc/passwd"),
                new TarMaker().Directory("etc").Directory("etc/passwd"), new TarMaker().Directory("etc").File("etc/passwd", new string('x', ImageAccounts.MaxFileBytes + 1)), new TarMaker().File("etc", "root:x:0:0"),
            ])
        {
            Assert.Equal("image_refused", Assert.Throws<SandboxException>(() => Resolve(place, archive.Done())).Reason);
        }
    }

    private static SessionAccount Resolve(ImagePlace place, params byte[][] layers) => ImageAccounts.Resolve("app", Import(place, layers));

    private static IReadOnlyList<string> Import(ImagePlace place, params byte[][] layers)
    {
        var layout = layers.Aggregate(new OciLayoutMaker(), (maker, layer) => maker.Layer(layer));
        place.Import(layout.Tar(layout.Index((OciLayoutMaker.Architecture, layout.Manifest()))), "app");
        using var image = place.Store.Use("app");
        return image.Directories;
    }
}
