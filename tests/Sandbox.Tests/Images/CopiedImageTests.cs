using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Sandbox.Tests;

/// <summary>Sessions of images in a service whose state directory is where no overlay can lie.</summary>
public sealed class CopiedImageTests
{
    private const string Show = "cd /; for f in gone old/* more/* made; do [ -e $f ] && echo $f=$(busybox cat $f); done; echo end";

    [Theory]
    [InlineData("sessions")]
    [InlineData("")]
    public async Task Sessions_forks_and_going_back_work_on_copies_that_restarts_keep_and_closing_removes(string onOverlay)
    {
        Assert.SkipUnless(FilesNode.IsRoot, "needs root: it mounts");
        using var home = new TempDirectory();
        string state = Directory.CreateDirectory(home["state"]).FullName;
        // Sessions lie where no overlay can, and layers where no device can say what they hide, or where it can.
        using var mounted = new NoOverlays(Path.Combine(state, onOverlay));
        File.SetUnixFileMode(Path.Combine(state, onOverlay), (UnixFileMode)0x1C0);
        File.SetUnixFileMode(state, (UnixFileMode)0x1C0);
        await using var it = await LayeredNode.StartAsync(Image(new TarMaker().File(".wh.gone").Directory("old", 0x1ff).File("old/.wh.hidden").Directory("more", 0x1ff).File("more/.wh..wh..opq").File("old/new", "upper", 0x1b6)), state);

        await it.Client.CreateAsync("""{"session":"s","image":"app","user":"root"}""");
        const string First = "old/kept=lower\nold/new=upper\nend\n";
        Assert.Equal(First, await it.ShellSaysAsync("s", Show));
        Assert.Null((await it.Client.CallAsync("write", """{"session":"s","path":"/made","data_b64":"bWFkZQ=="}""")).Error);
        const string Second = "old/new=upper\nmade=made\nend\n";
        Assert.Equal(Second, await it.ShellSaysAsync("s", "rm /old/kept;" + Show));
        string root = Assert.Single(Directory.GetDirectories(Path.Combine(state, "sessions"))) + "/changes/root";
        ulong inode = Inode(root);
        Assert.False(it.Report.Findings.Single(finding => finding.Name == "overlay").Good);

        await it.Client.GetAsync("snapshot", """{"session":"s","snapshot":"one"}""", ContractsJson.Default.SandboxSnapshot);
        await it.Client.GetAsync("fork", """{"snapshot":"one","session":"f"}""", ContractsJson.Default.StatusResult);
        Assert.Equal("end\n", await it.ShellSaysAsync("f", "rm -r /old/* /made;" + Show));

        await it.RestartAsync();
        Assert.Equal(inode, Inode(root));
        Assert.Equal(Second, await it.ShellSaysAsync("s", Show));
        Assert.Equal("end\n", await it.ShellSaysAsync("f", Show));
        await it.Client.GetAsync("restore", """{"snapshot":"one","session":"f"}""", ContractsJson.Default.StatusResult);
        Assert.Equal(Second, await it.ShellSaysAsync("f", Show));
        await it.Client.CreateAsync("""{"session":"other","image":"app"}""");
        Assert.Equal(First, await it.ShellSaysAsync("other", Show));
        // This one has an overlay, in memory.
        await it.Client.CreateAsync("""{"session":"bounded","image":"app","limits":{"disk_bytes":2000000}}""");
        Assert.Equal(First, await it.ShellSaysAsync("bounded", Show));

        foreach (string session in new[] { "s", "f", "other", "bounded" })
        {
            Assert.Equal("closed", await it.Client.StatusAsync("close", session));
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(state, "sessions")));
    }

    [Fact]
    public async Task A_disk_that_a_copy_does_not_fit_on_is_full_and_nothing_of_the_copy_stays()
    {
        Assert.SkipUnless(FilesNode.IsRoot, "needs root: it mounts");
        using var home = new TempDirectory();
        long bytes = new FileInfo("/bin/busybox").Length * 5 / 2;
        using var disk = Mounted.Tmpfs(home["disk"], bytes);
        using var container = new NoOverlays(home["container"], home["disk"]);
        string state = home["container/state"];
        await using var it = await LayeredNode.StartAsync(Image(new TarMaker().File("old/new", "upper")), state);
        await it.Client.CreateAsync("""{"session":"first","image":"app"}""");

        await it.Client.ErrorAsync("create", """{"session":"second","image":"app"}""", ErrorCode.ResourceExhausted, "disk_full");

        Assert.Single(Directory.EnumerateDirectories(Path.Combine(state, "sessions")));
        Assert.Equal("gone=lower\nold/hidden=lower\nold/kept=lower\nold/new=upper\nmore/hidden=lower\nend\n", await it.ShellSaysAsync("first", Show));
        Assert.Equal("closed", await it.Client.StatusAsync("close", "first"));
        // What ended, or is about to be another test's program, may hold some of it for a moment.
        await Patience.UntilAsync(() => new DriveInfo(home["disk"]).AvailableFreeSpace > bytes / 2);
        Assert.True((await it.Client.CreateAsync("""{"session":"second","image":"app"}""")).Created);
        Assert.Equal("closed", await it.Client.StatusAsync("close", "second"));
    }

    private static byte[] Image(TarMaker upper)
    {
        var lower = new TarMaker().Directory("bin").Entry('0', "bin/busybox", content: File.ReadAllBytes("/bin/busybox"), mode: 0x1ed).Link("bin/rm", "busybox").Directory("proc").Directory("dev")
            .Directory("tmp", 0x3ff).Directory("etc").File("gone", "lower").Directory("old", 0x1ff).File("old/hidden", "lower").File("old/kept", "lower").Directory("more").File("more/hidden", "lower").Done();
        var layout = new OciLayoutMaker().Layer(lower).Layer(upper.Done());
        return layout.Tar(layout.Index((OciLayoutMaker.Architecture, layout.Manifest())));
    }

    private static ulong Inode(string path)
    {
        Assert.True(Strata.Linux.FileStatus.TryGetNoFollow(path, out var status) >= 0);
        return status.Inode;
    }
}
