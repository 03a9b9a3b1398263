using Strata.Ipc;

namespace Strata.Sandbox.Tests;

/// <summary>Transfers, prunes and sessions beside each other.</summary>
public sealed class ImageRacesTests
{
    private const int Rounds = 8;

    [Fact]
    public async Task The_same_layer_that_is_pulled_and_imported_at_once_is_one_layer_that_all_have()
    {
        using var place = new ImagePlace();
        using var registry = new FakeRegistry();
        var root = new TarMaker().Directory("etc").File("etc/name", "same").Done();
        registry.Layout.Layer(root, MediaTypes.OciLayer);
        registry.Manifest = registry.Layout.Manifest();
        place.Reopen(new ImageOptions { Registries = RegistryList.Parse(registry.Host) });
        using var pull = new ImagePull(place.Store, place.Directory, place.Options, TimeProvider.System);
        for (int round = 0; round < Rounds; round++)
        {
            var pulled = pull.RunAsync(ImageReference.Parse($"{registry.Host}/app:1"), null, new ImageProgress(), default);
            var imported = Enumerable.Range(0, 3).Select(i => Task.Run(() => Import(place, $"root-{i}", root))).ToArray();
            await Task.WhenAll([pulled, .. imported]).Soon();
            Assert.All(place.Store.List(), image => Assert.Empty(place.Store.Validate(image.Record.Manifest, default)));
            Assert.Single(Directory.GetDirectories(Path.Combine(place.Directory, "layers")));
            Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(place.Directory, "staging")));
            place.Store.Prune(all: true);
            Assert.Empty(place.Left());
        }
    }

    [Fact]
    public async Task An_import_beside_prunes_of_the_same_layer_is_whole_or_none()
    {
        using var place = new ImagePlace();
        var root = new TarMaker().Directory("etc").File("etc/name", "same").Done();
        using var stop = new CancellationTokenSource();
        var pruning = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                place.Store.Prune(all: true);
            }
        });
        try
        {
            await Parallel.ForEachAsync(Enumerable.Range(0, 2 * Rounds), new ParallelOptions { MaxDegreeOfParallelism = 3 }, (i, _) =>
            {
                Import(place, $"root-{i}", root);
                return ValueTask.CompletedTask;
            }).Soon();
        }
        finally
        {
            await stop.CancelAsync();
            await pruning.Soon();
        }

        place.Store.Prune(all: true);
        Assert.Empty(place.Left());
        Import(place, "last", root);
        Assert.Empty(place.Store.Validate("last", default));
    }

    [Fact]
    public async Task A_session_has_its_image_whatever_is_pruned_removed_or_renamed_meanwhile()
    {
        await using var it = await LayeredNode.StartAsync("{}", "sh", "cat");
        await it.Client.CreateAsync("""{"session":"s","image":"app"}""");
        await it.Client.ErrorAsync("image_delete", """{"image":"app"}""", ErrorCode.Conflict, "image_in_use");
        await ImageMethodTests.ImportAsync(it.Client, new TarMaker().File("other", "x").Done(), "app");
        Assert.Null((await it.Client.CallAsync("image_prune", """{"all":true}""")).Error);
        Assert.Null((await it.Client.CallAsync("image_prune")).Error);
        Assert.Equal("upper", await it.SaysAsync("s", "cat", "/old/new"));
        await it.Client.GetAsync("snapshot", """{"session":"s","snapshot":"snap"}""", Strata.Contracts.ContractsJson.Default.SandboxSnapshot);
        await it.Client.StatusAsync("close", "s");
        Assert.Null((await it.Client.CallAsync("image_prune", """{"all":true}""")).Error);
        Assert.Null((await it.Client.CallAsync("fork", """{"snapshot":"snap","session":"f"}""")).Error);
        Assert.Equal("upper", await it.SaysAsync("f", "cat", "/old/new"));
        await it.RestartAsync();
        Assert.Equal("upper", await it.SaysAsync("f", "cat", "/old/new"));
        await it.Client.StatusAsync("close", "f");
        Assert.Null((await it.Client.CallAsync("snapshot_delete", """{"snapshot":"snap"}""")).Error);
        Assert.NotEmpty((await it.Client.GetAsync("image_prune", "{}", Strata.Contracts.ContractsJson.Default.SandboxImageRemoved)).Images);
    }

    [Fact]
    public async Task Sessions_that_begin_while_images_are_pruned_have_theirs_whole_or_are_told_there_is_none()
    {
        await using var it = await LayeredNode.StartAsync("{}", "sh", "cat");
        var archive = LayeredNode.Archive("{}", "sh", "cat");
        var made = 0;
        using var stop = new CancellationTokenSource();
        var pruner = await it.Node.ConnectAsync(it.Node.Grant(rights: LayeredNode.Rights));
        var pruning = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                Assert.Null((await pruner.CallAsync("image_prune", """{"all":true}""")).Error);
            }
        });
        try
        {
            for (int round = 0; round < Rounds; round++)
            {
                var answer = await it.Client.CallAsync("create", """{"session":"s","image":"app"}""");
                if (answer.Error is { } error)
                {
                    Assert.Equal("image_not_found", error.Reason);
                    await ImageMethodTests.ImportAsync(it.Client, archive, "app");
                    continue;
                }

                made++;
                Assert.Equal("upper", await it.SaysAsync("s", "cat", "/old/new"));
                await it.Client.StatusAsync("close", "s");
            }
        }
        finally
        {
            await stop.CancelAsync();
            await pruning.Soon();
        }

        Assert.InRange(made, 0, Rounds);
    }

    private static void Import(ImagePlace place, string name, byte[] archive)
    {
        var path = place[$"{name}.tar"];
        File.WriteAllBytes(path, archive);
        Assert.NotNull(new ImageImport(place.Store, place.Options, TimeProvider.System).Run(path, name, new ImageProgress(), default));
    }
}
