using Strata.Linux;

namespace Strata.Sandbox.Tests;

/// <summary>The file methods' way into sandboxes that run.</summary>
public sealed class LiveSandboxTests
{
    [Fact]
    public async Task What_is_written_from_outside_is_the_users_inside_and_the_other_way_round()
    {
        await using var fixture = new EngineFixture();
        var sandbox = await fixture.CreateAsync();
        using var space = Open(sandbox);
        Assert.Equal(0, Write(space, "note", "from outside"));
        Assert.Equal(0, Write(space, "/tmp/note", "on another file system"));
        var said = await sandbox.ShellAsync("id -u; stat -c %u:%g:%a /workspace/note /tmp/note; cat /workspace/note; echo inside > /workspace/back; chmod 600 /workspace/back");
        Assert.Equal("1000\n1000:1000:644\n1000:1000:644\nfrom outside", said.Output);
        Assert.Equal("inside\n", Read(space, "back"));
        // What the user inside may not do is not done from outside either.
        Assert.Equal(FilesNode.IsRoot ? -Errno.EACCES : 0, Write(space, "/etc/planted", "x"));
        Assert.True(Write(space, "/usr/planted", "x") is -Errno.EACCES or -Errno.EROFS);
        Assert.False(File.Exists("/usr/planted"));
    }

    [Fact]
    public async Task Nothing_a_program_inside_makes_leads_to_the_host_or_to_its_own_proc()
    {
        await using var fixture = new EngineFixture();
        var sandbox = await fixture.CreateAsync();
        using var space = Open(sandbox);
        var secret = Path.Combine(fixture.Directory, "secret");
        File.WriteAllText(secret, "the host's own");
        var said = await sandbox.ShellAsync($"cd /workspace; ln -s {secret} abs; ln -s /proc/1/root/etc/hostname root; ln -s /proc/self/environ env; ln -s /dev/zero zero; mkfifo fifo; ln -s ../../../../../..{secret} up; echo done");
        Assert.Equal("done\n", said.Output);
        foreach (var path in (string[])["abs", "up", "root", "env", "zero", "fifo", "/proc/self/environ", "/proc/1/mem", "/proc/1/root/etc/passwd", "/dev/zero", "/sys/kernel/notes"])
        {
            Assert.True(Open(space, path) < 0, path);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData(64L << 20)]
    public async Task A_snapshot_of_what_a_sandbox_changed_makes_others_side_by_side(long? diskBytes)
    {
        await using var fixture = new EngineFixture();
        var plan = fixture.Plan() with { Limits = new SandboxLimits(DiskBytes: diskBytes) };
        var sandbox = await fixture.CreateAsync(plan);
        await sandbox.ShellAsync("echo base > /workspace/state; mkdir -m 700 /workspace/private; echo p > /workspace/private/p; ln /workspace/state /workspace/twin");
        var table = new SnapshotTable(Path.Combine(fixture.Directory, "state"), new SnapshotLimits(), ChangesRemoval.Run, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        using var upper = sandbox.OpenUpper();
        Assert.Equal(diskBytes is null, upper is null);
        await table.TakeAsync("me", "snap", "box", new SessionTerms(), new SnapshotSource(plan.ChangesDirectory, upper, HasLayers: false), CancellationToken.None);
        var forks = new List<ISandbox>();
        for (var i = 0; i < 10; i++)
        {
            var fork = fixture.Plan() with { Limits = plan.Limits };
            await table.FillAsync("me", "snap", fork.ChangesDirectory, ChangesRemoval.Run, CancellationToken.None);
            forks.Add(await fixture.CreateAsync(fork));
        }

        var said = await Task.WhenAll(forks.Select((fork, i) => fork.ShellAsync($"stat -c %h /workspace/twin; echo {i} >> /workspace/state; cat /workspace/state /workspace/private/p")));
        for (var i = 0; i < forks.Count; i++)
        {
            Assert.Equal($"2\nbase\n{i}\np\n", said[i].Output);
        }

        Assert.Equal("base\n", (await sandbox.ShellAsync("cat /workspace/state")).Output);
    }

    private static FileSpace Open(ISandbox sandbox) => new(FileDescriptor.Duplicate(sandbox.Root.Number), SessionSpaces.UserOf(sandbox), "box", SessionSpaces.Workspace);

    private static int Write(FileSpace space, string path, string text) => space.Run(root =>
    {
        var result = Hosting.PendingFile.TryMake(root, space.Resolve(path), replace: true, 0x1A4, out var made, out _);
        if (result < 0)
        {
            return result;
        }

        using var file = made!;
        return FileContent.TryWriteAll(file.Descriptor, System.Text.Encoding.UTF8.GetBytes(text), 0) is var written and < 0 ? written : file.Commit(replace: true, durable: false);
    });

    private static int Open(FileSpace space, string path)
    {
        var opened = space.Run(root => root.TryOpenFile(space.Resolve(path), out _));
        if (opened >= 0)
        {
            new FileDescriptor(opened).Dispose();
        }

        return opened;
    }

    private static string Read(FileSpace space, string path)
    {
        using var file = new FileDescriptor(space.Run(root => root.TryOpenFile(space.Resolve(path), out _)));
        var buffer = new byte[4096];
        return System.Text.Encoding.UTF8.GetString(buffer, 0, FileContent.TryRead(file.Number, buffer, 0));
    }
}
