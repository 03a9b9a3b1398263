using Strata.Linux;

namespace Strata.Sandbox.Tests;

public sealed class LayerTests
{
    [Fact]
    public async Task Layers_lie_over_each_other_and_changes_over_all_of_them_and_stay()
    {
        await using var fixture = new EngineFixture();
        string lower = Layer(fixture, "lower"), upper = Layer(fixture, "upper:with,signs");
        CopyBusyShell(lower);
        File.WriteAllText(Path.Combine(lower, "a"), "lower");
        File.WriteAllText(Path.Combine(lower, "b"), "lower");
        File.WriteAllText(Path.Combine(upper, "b"), "upper");
        FileOwner.Give(Path.Combine(lower, "a"), SandboxIds.OnDisk.OnHost(0));
        var plan = fixture.Plan() with { Layers = [upper, lower], User = 0 };

        var sandbox = await fixture.CreateAsync(plan);
        var said = await sandbox.ShellAsync("read a </a; read b </b; echo $a $b; echo new >/a; echo more >/c");
        await sandbox.DisposeAsync();
        var again = await fixture.CreateAsync(plan);

        Assert.Equal("lower upper\n", said.Output);
        Assert.Equal("new more\n", (await again.ShellAsync("read a </a; read c </c; echo $a $c")).Output);
        Assert.Equal("lower", File.ReadAllText(Path.Combine(lower, "a")));
    }

    [Fact]
    public async Task What_is_changed_in_the_built_in_image_stays_and_the_hosts_programs_are_read_only()
    {
        await using var fixture = new EngineFixture();
        var plan = fixture.Plan() with { User = 0 };
        var sandbox = await fixture.CreateAsync(plan);

        var said = await sandbox.ShellAsync("echo kept >/etc/kept; echo changed >/etc/motd; touch /usr/touched; touch /usr/bin/sh");
        await sandbox.DisposeAsync();
        var again = await fixture.CreateAsync(plan);

        Assert.Contains("Read-only file system", said.Errors, StringComparison.Ordinal);
        Assert.Equal("kept\nchanged\n", (await again.ShellAsync("cat /etc/kept /etc/motd")).Output);
    }

    [Fact]
    public async Task A_workspace_is_the_hosts_directory_and_belongs_to_the_user_inside()
    {
        await using var fixture = new EngineFixture();
        string workspace = Directory.CreateDirectory(Path.Combine(fixture.Directory, "work")).FullName;
        var sandbox = await fixture.CreateAsync(fixture.Plan() with { WorkspaceDirectory = workspace });

        Assert.Equal("1000\n", (await sandbox.ShellAsync("echo hello >/workspace/file; stat -c %u /workspace/file")).Output);

        Assert.Equal("hello\n", File.ReadAllText(Path.Combine(workspace, "file")));
        Assert.True(FileStatus.TryGetNoFollow(Path.Combine(workspace, "file"), out var status) >= 0);
        Assert.Equal(SandboxIds.OnDisk.OnHost(1000), status.Uid);
    }

    [Fact]
    public async Task A_disk_limit_is_hard_and_a_full_disk_harms_nobody_else()
    {
        await using var fixture = new EngineFixture();
        var plan = fixture.Plan() with { Limits = new SandboxLimits(DiskBytes: 8 << 20) };
        var sandbox = await fixture.CreateAsync(plan);

        var said = await sandbox.ShellAsync("for where in /home/sandbox /workspace /tmp /dev/shm; do head -c 9000000 /dev/zero >$where/full; wc -c <$where/full; done");

        Assert.Equal(4, said.Errors.Split('\n').Count(line => line.Contains("No space left", StringComparison.Ordinal)));
        Assert.All(said.Output.Trim().Split('\n'), size => Assert.InRange(int.Parse(size), 0, 8 << 20));
        Assert.Equal("", string.Concat(Directory.EnumerateFiles(plan.ChangesDirectory, "full", SearchOption.AllDirectories)));
    }

    private static string Layer(EngineFixture fixture, string name) => Directory.CreateDirectory(Path.Combine(fixture.Directory, name)).FullName;

    // A shell and what it loads.
    private static void CopyBusyShell(string layer)
    {
        var needed = new[] { "/bin/dash", "/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1", "/lib/x86_64-linux-gnu/libc.so.6", "/lib/aarch64-linux-gnu/libc.so.6" };
        foreach (string path in needed.Where(File.Exists))
        {
            string target = layer + path;
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(path, target);
            File.SetUnixFileMode(target, (UnixFileMode)0x1ED);
        }

        File.Copy(layer + "/bin/dash", layer + "/bin/sh");
    }
}
