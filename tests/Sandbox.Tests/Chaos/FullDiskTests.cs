using Strata.Ipc;

namespace Strata.Sandbox.Tests;

/// <summary>Sessions of a service whose state directory is on a disk that is full.</summary>
public sealed class FullDiskTests
{
    private const int Bytes = 4 << 20;

    [Fact]
    public async Task Nothing_is_made_on_a_full_disk_and_what_is_there_goes_on_and_is_closed()
    {
        Assert.SkipUnless(FilesNode.IsRoot, "needs root: it mounts");
        using var home = new TempDirectory();
        using var disk = Mounted.Tmpfs(home["disk"], Bytes);
        using var engine = new BubblewrapEngine();
        var state = home["disk/state"];
        await using var node = await SandboxNode.StartAsync(engine, options => options with { StateDirectory = state }, TimeProvider.System);
        var client = await node.ConnectAsync();
        await client.CreateAsync("""{"session":"s"}""");
        Assert.Equal("kept\n", (await client.RunAsync("echo kept | tee /workspace/kept; x=1")).Output);
        var filler = home["disk/filler"];
        Fill(filler);

        await client.ErrorAsync("create", """{"session":"other"}""", ErrorCode.ResourceExhausted, "disk_full");
        Assert.Equal("s", Assert.Single(node.Sessions.Table.All()).Record.Name);
        Assert.Single(Directory.EnumerateDirectories(Path.Combine(state, "sessions")));
        await client.ErrorAsync("touch", """{"session":"s","ttl_seconds":77}""", ErrorCode.ResourceExhausted, "disk_full");

        var ran = await client.RunAsync("cat /workspace/kept; echo $x; head -c 100000 /dev/zero > /workspace/more || echo full");
        Assert.Equal("kept\n1\nfull\n", ran.Output);
        Assert.Contains("No space left", ran.Errors, StringComparison.Ordinal);
        Assert.Equal("again\n", (await client.RunAsync("echo again", ",\"stateless\":true")).Output);

        // Whose shell is gone has another one.
        Assert.Equal(3, (await client.RunAsync("exit 3")).End.ExitCode);
        Assert.Equal("kept\n", (await client.RunAsync("cat /workspace/kept")).Output);

        Assert.Equal("closed", await client.StatusAsync("close", "s"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(state, "sessions")));
        File.Delete(filler);
        // A process that another test is about to start may hold it for a moment.
        await Patience.UntilAsync(() => new DriveInfo(home["disk"]).AvailableFreeSpace > Bytes / 2);
        Assert.True((await client.CreateAsync("""{"session":"other"}""")).Created);
    }

    private static void Fill(string path)
    {
        using var file = File.Create(path);
        var block = new byte[4096];
        try
        {
            while (file.Length <= Bytes)
            {
                file.Write(block);
                file.Flush();
            }
        }
        catch (IOException)
        {
            return;
        }

        Assert.Fail("the disk is larger than it was said to be");
    }
}
