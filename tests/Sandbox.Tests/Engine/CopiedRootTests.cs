using Strata.Linux;

namespace Strata.Sandbox.Tests;

/// <summary>Sandboxes of layers on a file system that no overlay can lie on.</summary>
public sealed class CopiedRootTests
{
    [Fact]
    public async Task Layers_are_copied_as_an_overlay_would_show_them_and_nothing_leads_out()
    {
        Assert.SkipUnless(UserId.Effective == 0, "only root mounts");
        await using var fixture = new EngineFixture();
        string lower = Layer(fixture, "lower"), upper = Layer(fixture, "upper"), outside = Layer(fixture, "outside");
        File.Copy("/bin/busybox", Path.Combine(Directory.CreateDirectory(Path.Combine(lower, "bin")).FullName, "sh"));
        Write(lower, "gone", "hidden/inner", "opaque/old", "both/low", "one", "two", "was/directory");
        File.CreateSymbolicLink(Path.Combine(lower, "etc"), outside);
        Write(upper, "opaque/new", "both/high", "one", "was");
        Marks.Hide(Path.Combine(upper, "gone"));
        Marks.Hide(Path.Combine(upper, "hidden"));
        Native.SetAttribute(Path.Combine(upper, "opaque"), "trusted.overlay.opaque", "y");
        using (var directory = DirectoryHandle.Open(upper))
        {
            Assert.True(DirectoryChanges.TryLinkEntry(directory, "one"u8, directory, "two"u8) >= 0);
        }

        using var mounted = new NoOverlays(Path.Combine(fixture.Directory, "no"));
        var plan = fixture.Plan() with
        {
            Layers = [upper, lower], ChangesDirectory = Directory.CreateDirectory(Path.Combine(fixture.Directory, "no/changes")).FullName, User = 0, NameServers = [System.Net.IPAddress.Loopback.ToString()],
        };
        // What an earlier process was killed over.
        Write(plan.ChangesDirectory, ".root/half");

        var sandbox = await fixture.CreateAsync(plan);
        var said = await sandbox.ShellAsync(
            "echo /gone* /hidden* /opaque/* /both/* /was /one /two /half*; [ /one -ef /two ] && echo same; while read a b c d e; do [ $b = / ] && echo $d; done < /proc/mounts; while read line; do echo $line; done < /etc/resolv.conf");

        Assert.StartsWith("/gone* /hidden* /opaque/new /both/high /both/low /was /one /two /half*\nsame\n", said.Output, StringComparison.Ordinal);
        Assert.Contains("nosuid,nodev", said.Output, StringComparison.Ordinal);
        Assert.Contains("nameserver 127.0.0.1", said.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(outside));
        Assert.Equal([Path.Combine(plan.ChangesDirectory, "root")], Directory.EnumerateFileSystemEntries(plan.ChangesDirectory));
        await sandbox.DisposeAsync();
    }

    [Fact]
    public async Task What_was_changed_over_an_overlay_is_in_the_copy_and_a_disk_limit_takes_none()
    {
        Assert.SkipUnless(UserId.Effective == 0, "only root mounts");
        await using var fixture = new EngineFixture();
        string layer = Layer(fixture, "layer");
        File.Copy("/bin/busybox", Path.Combine(Directory.CreateDirectory(Path.Combine(layer, "bin")).FullName, "sh"));
        Write(layer, "kept", "changed");
        using var mounted = new NoOverlays(Path.Combine(fixture.Directory, "no"));
        var plan = fixture.Plan() with { Layers = [layer], ChangesDirectory = Directory.CreateDirectory(Path.Combine(fixture.Directory, "no/changes")).FullName, User = 0 };
        Write(plan.ChangesDirectory, "upper/changed", "upper/made");

        var sandbox = await fixture.CreateAsync(plan);
        Assert.Equal("/kept upper/changed /made\n", (await sandbox.ShellAsync("read a < /changed; echo /kept $a /made")).Output);
        await sandbox.DisposeAsync();

        var bounded = fixture.Plan() with { Layers = [layer], ChangesDirectory = Directory.CreateDirectory(Path.Combine(fixture.Directory, "no/bounded")).FullName, Limits = new SandboxLimits(DiskBytes: 1 << 20) };
        var limited = await fixture.CreateAsync(bounded);
        Assert.Equal("/kept\n", (await limited.ShellAsync("echo /kept*")).Output);
        Assert.False(Directory.Exists(Path.Combine(bounded.ChangesDirectory, "root")));
        await limited.DisposeAsync();

        // A copy that is bounded later has its overlay over itself.
        var again = await fixture.CreateAsync(plan with { Limits = bounded.Limits });
        Assert.Equal("/kept upper/changed /made\n", (await again.ShellAsync("read a < /changed; echo /kept $a /made; echo x > /memory")).Output);
        Assert.False(File.Exists(Path.Combine(plan.ChangesDirectory, "root/memory")));
        await again.DisposeAsync();
    }

    [Fact]
    public async Task The_doctor_says_that_images_are_copied_why_and_what_it_costs()
    {
        Assert.SkipUnless(UserId.Effective == 0, "only root mounts");
        using var home = new TempDirectory();
        using var mounted = new NoOverlays(home["no"]);
        using var engine = new BubblewrapEngine(home["no"]);

        var finding = engine.Report.Findings.Single(finding => finding.Name == "overlay");

        Assert.True(engine.Report.Usable);
        Assert.False(finding.Good);
        Assert.Matches("^images are copied for each session, since no overlay can be mounted \\(.*EINVAL.*its image's size on disk.*; those with limits.disk_bytes have overlays in memory$", finding.What);
        Assert.Contains("ext4", finding.Remedy, StringComparison.Ordinal);
    }

    private static string Layer(EngineFixture fixture, string name) => Directory.CreateDirectory(Path.Combine(fixture.Directory, name)).FullName;

    // Each file says where it is.
    private static void Write(string root, params string[] names)
    {
        foreach (string name in names)
        {
            string path = Path.Combine(root, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, $"{Path.GetFileName(root)}/{name}\n".Replace("changes/", "", StringComparison.Ordinal));
        }
    }
}
