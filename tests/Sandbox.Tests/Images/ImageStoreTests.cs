using Strata.Ipc;

namespace Strata.Sandbox.Tests;

public sealed class ImageStoreTests : IDisposable
{
    private readonly ImagePlace _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public void The_tar_of_a_root_becomes_an_image_of_one_layer()
    {
        var image = _place.Import(Root("hello"), "mine");
        Assert.Equal(["mine"], image.Names);
        Assert.Equal("hello", _place.FileOf(image, "etc/name"));
        Assert.Single(_place.Store.Use("mine").Directories);
        Assert.Equal(image.Record.Manifest, _place.Store.Use("mine").Digest);
    }

    [Fact]
    public void What_is_stored_is_there_after_a_restart()
    {
        var image = _place.Import(Root("hello"), "mine");
        _place.Reopen();
        Assert.Equivalent(image, _place.Store.Find("mine"));
        Assert.Equal("hello", _place.FileOf(image, "etc/name"));
        Assert.Empty(_place.Store.Validate("mine", default));
    }

    [Fact]
    public void The_same_root_is_stored_once_whatever_it_is_called()
    {
        var one = _place.Import(Root("same"), "one");
        var two = _place.Import(Root("same"), "two");
        Assert.Equal(one.Record.Manifest, two.Record.Manifest);
        Assert.Equal(["one", "two"], two.Names);
        Assert.Single(Directory.EnumerateDirectories(Path.Combine(_place.Directory, "layers")));
    }

    [Fact]
    public void The_built_in_image_has_no_layers_and_cannot_be_deleted()
    {
        Assert.Empty(_place.Store.Use("host").Directories);
        Assert.Equal("image_built_in", Refused(() => _place.Store.Delete("host")).Reason);
    }

    [Fact]
    public void A_name_means_what_it_was_given_last_and_the_image_before_goes_with_a_prune()
    {
        var before = _place.Import(Root("1"), "mine");
        var after = _place.Import(Root("2"), "mine");
        Assert.Equal(after.Record.Manifest, _place.Store.Find("mine").Record.Manifest);
        var pruned = _place.Store.Prune(all: false);
        Assert.Equal([before.Record.Manifest], pruned.Images);
        Assert.Equal(1, pruned.Layers);
        Assert.Single(_place.Store.List());
    }

    [Fact]
    public void What_is_in_use_is_not_deleted_and_not_pruned()
    {
        _place.Import(Root("x"), "mine");
        var use = _place.Store.Use("mine");
        Assert.Equal((ErrorCode.Conflict, "image_in_use"), Refused(() => _place.Store.Delete("mine")) is var e ? (e.Code, e.Reason) : default);
        Assert.Empty(_place.Store.Prune(all: true).Images);
        use.Dispose();
        Assert.Single(_place.Store.Delete("mine").Images);
        Assert.Empty(_place.Left());
    }

    [Fact]
    public void What_a_session_on_disk_comes_back_with_is_in_use()
    {
        _place.Import(Root("x"), "mine");
        _place.Kept = ["host", "gone", "mine"];
        Assert.Equal("image_in_use", Refused(() => _place.Store.Delete("mine")).Reason);
        Assert.Empty(_place.Store.Prune(all: true).Images);
    }

    [Fact]
    public void Deleting_one_of_two_names_leaves_the_image()
    {
        _place.Import(Root("x"), "one");
        _place.Import(Root("x"), "two");
        Assert.Empty(_place.Store.Delete("one").Images);
        Assert.Equal(["two"], _place.Store.Find("two").Names);
        Assert.Equal("image_not_found", Refused(() => _place.Store.Find("one")).Reason);
    }

    [Fact]
    public void An_alias_means_what_the_operator_says()
    {
        _place.Import(Root("x"), "real:latest");
        _place.Reopen(new ImageOptions { Aliases = new Dictionary<string, string> { ["python"] = "real" } });
        Assert.Equal(["real:latest"], _place.Store.Find("python").Names);
    }

    [Fact]
    public void Validation_tells_what_was_changed_since()
    {
        var image = _place.Import(Root("right"), "mine");
        var file = Path.Combine(_place.Store.Use("mine").Directories[0], "etc/name");
        File.WriteAllText(file, "wrong");
        Assert.Contains("layer", Assert.Single(_place.Store.Validate("mine", default)), StringComparison.Ordinal);
        File.AppendAllText(Path.Combine(_place.Directory, "documents", image.Record.Config[7..]), " ");
        Assert.Equal(2, _place.Store.Validate("mine", default).Count);
    }

    [Fact]
    public void As_many_images_as_may_be_and_one_more()
    {
        _place.Reopen(new ImageOptions { MaxImages = 1 });
        _place.Import(Root("1"), "one");
        Assert.Equal("image_store_full", Refused(() => _place.Import(Root("2"), "two")).Reason);
        Assert.Equal(["one"], _place.Store.List().SelectMany(image => image.Names));
    }

    [Fact]
    public void As_many_layers_and_bytes_as_may_be_and_one_more()
    {
        _place.Import(Root("1"), "one");
        _place.Reopen(_place.Options with { MaxStoredLayers = 1 });
        Assert.Equal("image_store_full", Refused(() => _place.Import(Root("2"), "two")).Reason);
        _place.Reopen(new ImageOptions { MaxBytes = _place.Store.Bytes * 2 });
        _place.Import(Root("2"), "two");
        Assert.Equal("image_store_full", Refused(() => _place.Import(Root("3"), "three")).Reason);
        Assert.Equal(2, Directory.EnumerateDirectories(Path.Combine(_place.Directory, "layers")).Count());
    }

    [Fact]
    public void As_many_names_as_may_be_and_one_more()
    {
        _place.Reopen(new ImageOptions { MaxNames = 1 });
        _place.Import(Root("1"), "one");
        Assert.Equal("image_store_full", Refused(() => _place.Import(Root("1"), "two")).Reason);
    }

    [Fact]
    public void A_refused_archive_leaves_nothing()
    {
        Assert.Contains("leads out", _place.Refusal(new TarMaker().File("good", "x").File("../bad").Done()), StringComparison.Ordinal);
        Assert.Empty(_place.Left());
    }

    [Fact]
    public void What_a_death_in_the_middle_leaves_is_gone_after_the_next_start()
    {
        var image = _place.Import(Root("x"), "mine");
        var orphan = _place.Import(Root("y"), "orphan");
        // A layer half unpacked, one being removed, a layer no image has, a document half written, an image whose layer is not there.
        Directory.CreateDirectory(Path.Combine(_place.Directory, "staging/new-1/tree/deep"));
        File.WriteAllText(Path.Combine(_place.Directory, "staging/new-1/tree/deep/file"), "half");
        Directory.CreateDirectory(Path.Combine(_place.Directory, "layers", new string('a', 64), "tree"));
        File.WriteAllText(Path.Combine(_place.Directory, "documents/.half.new"), "{");
        Directory.Move(Path.Combine(_place.Directory, "layers", orphan.Record.Layers[0][7..]), Path.Combine(_place.Directory, "staging/gone-1"));
        _place.Reopen();
        Assert.Equal([image.Record.Manifest], _place.Store.List().Select(stored => stored.Record.Manifest));
        Assert.Equal(4, _place.Left().Count); // One layer, a manifest, a configuration and a record.
    }

    [Fact]
    public void A_hand_written_record_brings_nothing_in()
    {
        _place.Import(Root("x"), "mine");
        foreach (var file in Directory.EnumerateFiles(Path.Combine(_place.Directory, "documents"), "*.image"))
        {
            File.WriteAllText(file, File.ReadAllText(file).Replace("sha256:", "../../", StringComparison.Ordinal));
        }

        _place.Reopen();
        Assert.Empty(_place.Store.List());
    }

    private static byte[] Root(string content) => new TarMaker().Directory("etc").File("etc/name", content).Done();

    private static SandboxException Refused(Action action) => Assert.Throws<SandboxException>(action);
}
