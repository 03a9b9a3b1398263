using Strata.Linux;

namespace Strata.EndToEnd.Tests;

/// <summary>The fs commands against a running node: through its confinement, with roots that may be written and others that may not.</summary>
public sealed class FsCommandTests
{
    private const string Rights = "fs.open,fs.read,fs.list,fs.stat,fs.write,fs.mkdir,fs.rename,fs.remove,fs.remove_tree,fs.copy,fs.upload,fs.download,fs.find,fs.watch";

    [Fact]
    public async Task Files_go_to_the_node_are_changed_there_and_come_back()
    {
        await using var node = await StartAsync();
        var content = new byte[3_000_017];
        new Random(1).NextBytes(content);
        var here = Directory.CreateDirectory(Path.Combine(node.Folder, "here")).FullName;
        File.WriteAllBytes(Path.Combine(here, "large.bin"), content);

        await RunAsync(node, "mkdir", "-p", "a/b");
        await RunAsync(node, "put", Path.Combine(here, "large.bin"), "a/b/");
        Assert.Equal(content, File.ReadAllBytes(Path.Combine(node.DataDir, "a/b/large.bin")));
        var again = await node.CtlAsync("fs", "put", Path.Combine(here, "large.bin"), "a/b/");
        Assert.Contains("CONFLICT (exists)", again.Error, StringComparison.Ordinal);
        await RunAsync(node, "put", "-f", Path.Combine(here, "large.bin"), "a/b/");
        await RunAsync(node, "cp", "a/b/large.bin", "copy.bin");
        await RunAsync(node, "mv", "copy.bin", "a/moved.bin");
        await RunAsync(node, "get", "a/moved.bin", here);
        Assert.Equal(content, File.ReadAllBytes(Path.Combine(here, "moved.bin")));
        Assert.Equal(2, (await node.CtlAsync("fs", "get", "a/moved.bin", here)).ExitCode);
        Assert.Equal("hello", (await RunAsync(node, "get", "hello.txt", "-")).Output[..5].ToLowerInvariant());
        Assert.Equal("a/b/large.bin\na/moved.bin\n", string.Concat((await RunAsync(node, "find", "*.bin")).Output.Split('\n').Where(l => l.Length > 0).Order(StringComparer.Ordinal).Select(l => l + "\n")));
        Assert.Equal(".\n├── a/\n│   ├── b/\n│   │   └── large.bin\n│   └── moved.bin\n└── hello.txt\n", (await RunAsync(node, "tree")).Output);
        Assert.Contains("not_empty", (await node.CtlAsync("fs", "rm", "a")).Error, StringComparison.Ordinal);
        await RunAsync(node, "rm", "-r", "a");
        Assert.Equal(["hello.txt"], Directory.GetFileSystemEntries(node.DataDir).Select(Path.GetFileName));
        Assert.Equal(["large.bin", "moved.bin"], Directory.GetFiles(here).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task A_fetch_that_broke_off_goes_on_where_it_ended()
    {
        await using var node = await StartAsync();
        var content = new byte[1_000_000];
        new Random(2).NextBytes(content);
        var file = Path.Combine(node.DataDir, "file");
        File.WriteAllBytes(file, content);
        var here = Directory.CreateDirectory(Path.Combine(node.Folder, "here")).FullName;
        var modified = (await RunAsync(node, "stat", "file", "--json")).Output.Split("\"modified\": \"")[1].Split('"')[0];
        var part = Path.Combine(here, $"file.{string.Concat(modified.Where(char.IsAsciiLetterOrDigit))}.part");
        // What is there is taken as it is: other bytes than the file's tell that they were not fetched again.
        var marked = content[..400_000];
        marked[0] ^= 1;
        File.WriteAllBytes(part, marked);
        await RunAsync(node, "get", "file", here);
        var fetched = File.ReadAllBytes(Path.Combine(here, "file"));
        Assert.Equal((byte)(content[0] ^ 1), fetched[0]);
        Assert.Equal(content.AsSpan(1).ToArray(), fetched.AsSpan(1).ToArray());
        Assert.False(File.Exists(part));
    }

    [Fact]
    public async Task Paths_on_the_node_are_completed()
    {
        await using var node = await StartAsync();
        node.Settings["STRATA_COMPLETION_TIMEOUT"] = "30s";
        Directory.CreateDirectory(Path.Combine(node.DataDir, "reports/2026"));
        File.WriteAllText(Path.Combine(node.DataDir, "reports/a;rm -rf.txt"), "");
        File.WriteAllText(Path.Combine(node.DataDir, "reports/summary.txt"), "");
        Assert.Equal("reports/\n", (await node.CtlAsync("__complete", "fs", "cat", "re")).Output);
        Assert.Equal("reports/2026/\nreports/summary.txt\n", (await node.CtlAsync("__complete", "fs", "cat", "reports/")).Output);
    }

    [Fact]
    public async Task What_the_configuration_does_not_let_be_written_the_kernel_does_not_either()
    {
        await using var node = await StartAsync(writable: false);
        Assert.Contains("PERMISSION_DENIED (read_only)", (await node.CtlAsync("fs", "mkdir", "new")).Error, StringComparison.Ordinal);
        if (Landlock.Version > 0)
        {
            var rules = (await node.CtlAsync("svc", "list", "--wide")).Succeeded().Output;
            Assert.Contains("paths", rules, StringComparison.Ordinal);
        }

        Assert.False(Directory.Exists(Path.Combine(node.DataDir, "new")));
    }

    [Fact]
    public async Task A_root_that_holds_the_nodes_state_is_refused_at_the_start()
    {
        await using var node = Node.Prepare();
        node.Settings["STRATA_FS_ROOTS"] = $"all:{node.Folder}:rw";
        node.Start();
        await Strata.Tests.Patience.UntilAsync(() => node.Log.Contains("STRATA_FS_ROOTS lets", StringComparison.Ordinal));
    }

    private static async Task<Node> StartAsync(bool writable = true)
    {
        var node = Node.Prepare();
        try
        {
            node.Settings["STRATA_FS_ROOTS"] = $"home:{node.DataDir}:{(writable ? "rw" : "ro")}";
            await node.LaunchAsync();
            node.Settings["STRATA_TOKEN"] = (await node.IssueAsync(Rights, "home:")).Token;
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    private static async Task<CommandResult> RunAsync(Node node, params string[] arguments) => (await node.CtlAsync(["fs", .. arguments])).Succeeded();
}
