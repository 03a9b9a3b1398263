using Strata.Linux;

namespace Strata.Sandbox.Tests;

public sealed class LayerUnpackerTests : IDisposable
{
    private readonly UnpackPlace _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public void Files_directories_and_links_become_what_they_are()
    {
        var done = _place.Unpack(new TarMaker().Directory("./etc/", 0x1ed).File("./etc/name", "hello", 0x1a4).Link("etc/alias", "name").HardLink("etc/twin", "./etc/name").Entry('6', "pipe").Done());
        Assert.Equal((5, 5L), (done.Entries, done.FileBytes));
        Assert.Equal("hello", File.ReadAllText(_place["etc/alias"]));
        Assert.Equal(2u, _place.Status("etc/name").Links);
        Assert.Equal(1_000_000_000L * 1_000_000_000, _place.Status("etc").ModifiedUnixNs);
        Assert.Equal(FileKind.Fifo, _place.Status("pipe").Kind);
    }

    [Fact]
    public void Owners_are_those_that_sandboxes_have_on_disk_and_nobody_elses()
    {
        _place.Unpack(new TarMaker().File("root").File("user", owner: 1000).File("beyond", owner: 70_000).Done());
        Assert.Equal(UnpackPlace.Owners.OnDisk(0), _place.Status("root").Uid);
        Assert.Equal(UnpackPlace.Owners.OnDisk(1000), _place.Status("user").Uid);
        Assert.Equal(UnpackPlace.Owners.OnDisk(65534), _place.Status("beyond").Uid);
    }

    [Fact]
    public void No_file_runs_as_its_owner()
    {
        _place.Unpack(new TarMaker().File("su", "x", 0xfed).Directory("tmp", 0x3ff).Done());
        Assert.Equal(0x1ed, _place.Status("su").Mode);
        Assert.Equal(0x3ff, _place.Status("tmp").Mode);
    }

    [Theory]
    [InlineData("../outside/secret")]
    [InlineData("a/../../outside/secret")]
    [InlineData("..")]
    public void A_path_that_leads_out_is_refused(string path) =>
        Assert.Contains("leads out", _place.Refusal(new TarMaker().File(path, "overwritten").Done()), StringComparison.Ordinal);

    [Fact]
    public void An_absolute_path_is_one_beneath_the_layer()
    {
        _place.Unpack(new TarMaker().File("/etc/passwd", "inside").Done());
        Assert.Equal("inside", File.ReadAllText(_place["etc/passwd"]));
    }

    [Fact]
    public void A_link_is_never_written_through()
    {
        Assert.Contains("link is never followed", _place.Refusal(new TarMaker().Link("door", _place.Outside).File("door/secret", "overwritten").Done()), StringComparison.Ordinal);
        Assert.Contains("link is never followed", _place.Refusal(new TarMaker().Link("up", "../outside").Directory("up/made").File("up/made/x").Done()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_a_links_name_takes_its_place_and_leaves_its_target()
    {
        _place.Unpack(new TarMaker().Link("secret", _place.Outside + "/secret").File("secret", "own").Done());
        Assert.Equal(FileKind.Regular, _place.Status("secret").Kind);
        Assert.True(_place.IsUntouched);
    }

    [Fact]
    public void A_directory_of_a_links_name_takes_its_place_and_leaves_its_target()
    {
        _place.Unpack(new TarMaker().Link("door", _place.Outside).Directory("door", 0x1c0).File("door/secret", "own").Done());
        Assert.Equal("own", File.ReadAllText(_place["door/secret"]));
        Assert.True(_place.IsUntouched);
    }

    [Theory]
    [InlineData("../outside/secret", "leads out")]
    [InlineData("/outside/secret", "does not have")]
    [InlineData("door/secret", "never followed")]
    [InlineData("nothing", "does not have")]
    [InlineData("here", "does not have")]
    [InlineData("", "does not have")]
    public void A_hard_link_leads_to_a_file_of_the_same_layer_only(string target, string said) =>
        Assert.Contains(said, _place.Refusal(new TarMaker().Link("door", _place.Outside).Directory("here").HardLink("mine", target).Done()), StringComparison.Ordinal);

    [Fact]
    public void A_hard_link_to_a_link_is_the_link_and_not_its_target()
    {
        _place.Unpack(new TarMaker().Link("door", _place.Outside + "/secret").HardLink("mine", "door").Done());
        Assert.Equal(FileKind.SymbolicLink, _place.Status("mine").Kind);
        Assert.True(_place.IsUntouched);
    }

    [Fact]
    public void Devices_are_left_out_even_the_one_that_means_a_whiteout()
    {
        var done = _place.Unpack(new TarMaker().Entry('3', "null").Entry('4', "disk").File("real").Done());
        Assert.Equal(2, done.Devices);
        Assert.Equal([_place["real"]], Directory.EnumerateFileSystemEntries(_place.Layer));
    }

    [Fact]
    public void Whiteouts_become_what_an_overlay_wants()
    {
        _place.Unpack(new TarMaker().File("etc/.wh.gone").Directory("data").File("data/.wh..wh..opq").File("data/new").File(".wh..wh.plnk").Done());
        Assert.Equal(Marks.KindIn(_place.Layer), _place.Status("etc/gone").Kind);
        Assert.True(Marks.IsHidden(_place["etc/gone"]));
        Assert.True(Marks.IsOpaque(_place["data"]));
        Assert.False(Marks.IsOpaque(_place["etc"]));
        Assert.Equal(2, Directory.EnumerateFileSystemEntries(_place.Layer).Count());
    }

    [Fact]
    public void A_directory_in_the_place_of_a_whiteout_shows_nothing_of_those_beneath_whichever_comes_first()
    {
        _place.Unpack(new TarMaker().File(".wh.one").Directory("one").File("one/a").Directory("two").File("two/b").File(".wh.two").Done());
        Assert.True(Marks.IsOpaque(_place["one"]));
        Assert.True(Marks.IsOpaque(_place["two"]));
        Assert.True(File.Exists(_place["two/b"]));
    }

    [Fact]
    public void Whiteouts_are_marked_files_where_no_device_can_be_made_and_nothing_leads_to_them()
    {
        Assert.SkipUnless(UserId.Effective == 0, "only root mounts");
        using var place = new UnpackPlace(onOverlay: true);
        place.Unpack(new TarMaker().File("etc/.wh.gone").File("etc/.wh.back").File("etc/back").File(".wh.one").Directory("one").File("one/a").Done());

        Assert.Equal(FileKind.Regular, place.Status("etc/gone").Kind);
        Assert.True(Marks.IsHidden(place["etc/gone"]));
        Assert.False(Marks.IsHidden(place["etc/back"]));
        Assert.False(Marks.IsOpaque(place["etc"]));
        Assert.True(Marks.IsOpaque(place["one"]));
        Assert.Contains("does not have", place.Refusal(new TarMaker().HardLink("twin", "etc/gone").Done()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(".wh.")]
    [InlineData(".wh...")]
    [InlineData(".wh..")]
    public void A_whiteout_of_no_name_is_refused(string name) => Assert.NotEmpty(_place.Refusal(new TarMaker().File("a/" + name).Done()));

    [Fact]
    public void The_last_of_several_entries_of_a_name_wins()
    {
        _place.Unpack(new TarMaker().Directory("a").File("a/b/c", "deep").File("a", "file").File("x", "1").File("x", "2").File("y").Directory("y").File("y/z", "in").Done());
        Assert.Equal("file", File.ReadAllText(_place["a"]));
        Assert.Equal("2", File.ReadAllText(_place["x"]));
        Assert.Equal("in", File.ReadAllText(_place["y/z"]));
    }

    [Fact]
    public void Only_the_users_own_attributes_are_kept_and_none_that_an_overlay_obeys()
    {
        _place.Unpack(new TarMaker().Pax(("SCHILY.xattr.user.mine", "yes"), ("SCHILY.xattr.user.overlay.redirect", "/x"), ("SCHILY.xattr.trusted.overlay.opaque", "y"), ("SCHILY.xattr.security.capability", "x")).File("f").Done());
        using var file = File.OpenHandle(_place["f"]);
        Span<byte> value = stackalloc byte[16];
        int number = (int)file.DangerousGetHandle();
        Assert.True(TreeChanges.TryGetAttribute(number, "user.mine", value) is 3 or -Errno.EOPNOTSUPP);
        Assert.True(TreeChanges.TryGetAttribute(number, "user.overlay.redirect", value) < 0);
        Assert.True(TreeChanges.TryGetAttribute(number, "trusted.overlay.opaque", value) < 0);
        Assert.True(TreeChanges.TryGetAttribute(number, "security.capability", value) < 0);
    }

    [Fact]
    public void A_directory_that_nobody_may_enter_is_filled_and_removed_nevertheless()
    {
        _place.Unpack(new TarMaker().Directory("shut", 0).File("shut/in", "x").Done());
        Assert.Equal(UnpackPlace.Owners.IsSingle ? 0x1c0 : 0, _place.Status("shut").Mode);
    }
}
