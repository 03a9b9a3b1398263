using System.Diagnostics;
using Strata.Ipc;

namespace Strata.Sandbox.Tests;

/// <summary>A death or a full disk in the middle of taking an image in.</summary>
public sealed class ImageFaultTests
{
    private const string HomeVariable = "STRATA_TEST_IMAGE_HOME";

    [Fact]
    public async Task Kill_9_in_the_middle_of_an_extraction_leaves_nothing_that_could_be_used_and_gives_the_disk_back()
    {
        using var place = new ImagePlace();
        using var service = StartStore(place.Directory);
        try
        {
            await service.StandardOutput.ReadLineAfterAsync("half ").Soon();
            Assert.Single(Directory.GetDirectories(Path.Combine(place.Directory, "layers")));
            var half = Assert.Single(Directory.GetDirectories(Path.Combine(place.Directory, "staging")));
            Assert.True(File.Exists(Path.Combine(half, "tree/first")));
            service.Kill();
            await service.WaitForExitAsync().Soon();

            place.Reopen();
            Assert.Empty(place.Store.List());
            Assert.Equal("image_not_found", Assert.Throws<SandboxException>(() => place.Store.Use("app")).Reason);
            Assert.Empty(place.Left());
            Assert.Equal(0, place.Store.Bytes);
            Assert.Empty(place.Store.Validate(place.Import(new TarMaker().File("first").File("second").Done(), "app").Record.Manifest, default));
        }
        finally
        {
            if (!service.HasExited)
            {
                service.Kill();
            }
        }
    }

    /// <summary>The store that is killed: this program, started by the test above alone. It has one layer of an image whole and another half.</summary>
    [Fact(Explicit = true)]
    public void A_store_that_waits_to_be_killed()
    {
        var home = Environment.GetEnvironmentVariable(HomeVariable);
        Assert.SkipWhen(home is null, "a part of another test");
        var store = new ImageStore(home!, new ImageOptions(), LayerOwners.Mine, TimeProvider.System);
        using var pins = new LayerPins(store);
        using (var whole = new MemoryStream(new TarMaker().File("lower", "x").Done()))
        {
            var layer = LayerFile.Unpack(store, whole, whole.Length, null, new UnpackLimits(), default);
            pins.Pin(Digest.TryParse(layer.Digest)!.Value);
            store.Add(layer);
        }

        using var half = new StandingStream(new TarMaker().File("first").Entry('0', "second", content: new byte[100_000], size: 200_000).Done());
        LayerFile.Unpack(store, half, long.MaxValue, null, new UnpackLimits(), default);
    }

    [Fact]
    public async Task A_disk_that_is_full_ends_a_pull_or_import_in_words_and_is_free_again()
    {
        Assert.SkipUnless(FilesNode.IsRoot, "needs root: it mounts");
        using var place = new ImagePlace();
        using var registry = new FakeRegistry();
        using var disk = Mounted.Tmpfs(Path.Combine(place.Directory, "disk"), 4 << 20);
        var directory = Path.Combine(place.Directory, "disk");
        var content = new byte[3 << 20];
        new Random(1).NextBytes(content);
        registry.Layout.Layer(new TarMaker().Entry('0', "big", content: content).Done(), MediaTypes.OciLayer);
        registry.Manifest = registry.Layout.Manifest();
        var options = new ImageOptions { Registries = RegistryList.Parse(registry.Host) };
        var store = new ImageStore(directory, options, LayerOwners.Mine, TimeProvider.System);
        using var pull = new ImagePull(store, directory, options, TimeProvider.System);
        // Packed it fits; beside that, unpacked, it does not.
        var full = await Assert.ThrowsAnyAsync<Exception>(() => pull.RunAsync(ImageReference.Parse($"{registry.Host}/app:1"), null, new ImageProgress(), default).Soon());
        Assert.Equal("image_store_full", ImageCalls.Told(full)?.Reason);
        Assert.Empty(Left(directory));

        // Not even packed.
        await Patience.UntilAsync(() => Free() > content.Length);
        File.WriteAllBytes(Path.Combine(directory, "filler"), new byte[2 << 20]);
        full = await Assert.ThrowsAnyAsync<Exception>(() => pull.RunAsync(ImageReference.Parse($"{registry.Host}/app:1"), null, new ImageProgress(), default).Soon());
        Assert.Equal("image_store_full", ImageCalls.Told(full)?.Reason);
        Assert.Empty(Left(directory));
        Assert.Empty(store.List());

        File.WriteAllBytes(place["big.tar"], new TarMaker().Entry('0', "big", content: content).Done());
        full = Assert.ThrowsAny<Exception>(() => new ImageImport(store, options, TimeProvider.System).Run(place["big.tar"], "app", new ImageProgress(), default));
        Assert.Equal("image_store_full", ImageCalls.Told(full)?.Reason);
        Assert.Empty(Left(directory));
        await Patience.UntilAsync(() => Free() > 1 << 20);
        File.WriteAllBytes(place["small.tar"], new TarMaker().File("small", "x").Done());
        new ImageImport(store, options, TimeProvider.System).Run(place["small.tar"], "small", new ImageProgress(), default);
        Assert.Empty(store.Validate("small", default));

        // Processes that other tests are about to start hold what is open here for a moment, also when it has been removed.
        long Free() => new DriveInfo(directory).AvailableFreeSpace;
    }

    [Fact]
    public async Task A_session_whose_disk_is_full_is_told_so_and_a_file_that_did_not_fit_is_not_there()
    {
        await using var it = await LayeredNode.StartAsync("{}", "sh", "ls", "df");
        await it.Client.CreateAsync("""{"session":"s","image":"app","limits":{"disk_bytes":1048576}}""");
        var big = Convert.ToBase64String(new byte[700_000]);
        var begun = await it.Client.GetAsync("upload", """{"session":"s","path":"big"}""", Strata.Contracts.ContractsJson.Default.SandboxUploadBegun);
        Assert.Null((await it.Client.CallAsync("upload_write", $$"""{"handle":"{{begun.Handle}}","offset":0,"data_b64":"{{big}}"}""")).Error);
        await it.Client.ErrorAsync("upload_write", $$"""{"handle":"{{begun.Handle}}","offset":700000,"data_b64":"{{big}}"}""", ErrorCode.ResourceExhausted, "disk_full");
        Assert.Null((await it.Client.CallAsync("upload_discard", $$"""{"handle":"{{begun.Handle}}"}""")).Error);
        Assert.Equal("", await it.SaysAsync("s", "ls", "-A", "/workspace"));
        Assert.NotEqual("", await it.ShellSaysAsync("s", "busybox dd if=/dev/zero of=/workspace/more bs=1024 count=2000 2>&1; busybox rm /workspace/more"));
        // A process that another test is about to start may hold what was discarded for a moment.
        await Patience.UntilAsync(async () => (await it.Client.CallAsync("write", """{"session":"s","path":"small","data":"x"}""")).Error is null);
    }

    private static IEnumerable<string> Left(string directory) => new[] { "layers", "staging", "documents", "parts" }.SelectMany(name => Directory.GetFileSystemEntries(Path.Combine(directory, name)));

    private static Process StartStore(string home)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["-noLogo", "-noColor", "-explicit", "only", "-showLiveOutput", "-method", $"*{nameof(A_store_that_waits_to_be_killed)}"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false,
        };
        start.Environment[HomeVariable] = home;
        return Process.Start(start)!;
    }

    /// <summary>Says when all was read, and then stands still until it is killed, or whoever started it is.</summary>
    private sealed class StandingStream(byte[] content) : MemoryStream(content)
    {
        public override int Read(Span<byte> buffer)
        {
            int read = base.Read(buffer);
            if (read == 0)
            {
                Console.WriteLine("half way");
                Console.In.ReadToEnd();
            }

            return read;
        }
    }
}
