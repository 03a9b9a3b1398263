using System.Text.Json;
using Strata.Contracts;
using Strata.Linux;

namespace Strata.Sandbox.Tests;

/// <summary>What a program inside can leave lying around for whoever works on its files from outside.</summary>
public sealed class FileAttackTests
{
    [Theory]
    [InlineData("../../../../../../etc/passwd")]
    [InlineData("/../../../etc/passwd")]
    [InlineData("/workspace/../../../../etc/passwd")]
    public async Task Leading_upward_ends_at_the_sandboxs_own_root(string path)
    {
        await using var node = new FilesNode();
        var client = await node.ConnectAsync();
        Assert.Equal("not_found", await client.ReasonAsync("read", $$"""{"session":"box","path":"{{path}}"}"""));
        Directory.CreateDirectory(Path.Combine(node.Root, "etc"));
        File.WriteAllText(Path.Combine(node.Root, "etc", "passwd"), "inside");
        Assert.Equal("inside", await client.ReadAsync(path));
    }

    [Fact]
    public async Task Links_to_the_host_lead_to_the_same_path_inside()
    {
        await using var node = new FilesNode();
        var client = await node.ConnectAsync();
        File.CreateSymbolicLink(node["link"], Path.Combine(node.Outside, "secret"));
        File.CreateSymbolicLink(node["up"], "../../outside/secret");
        File.CreateSymbolicLink(node["dir"], node.Outside);
        File.CreateSymbolicLink(node["self"], "/proc/self/root");
        foreach (var path in (string[])["link", "up", "dir/secret", $"self{node.Outside}/secret"])
        {
            Assert.Equal("not_found", await client.ReasonAsync("read", $$"""{"session":"box","path":"{{path}}"}"""));
        }

        // A link at the end of a path is what is replaced, moved or removed, never what it leads to.
        await client.WriteAsync("link", "mine");
        Assert.Equal("mine", File.ReadAllText(node["link"]));
        Assert.Null((await client.CallAsync("delete", """{"session":"box","path":"dir","recursive":true}""")).Error);
        Assert.Equal("the host's own", File.ReadAllText(Path.Combine(node.Outside, "secret")));
    }

    [Fact]
    public async Task A_hard_link_to_what_its_user_may_not_read_is_not_read_either()
    {
        Assert.SkipUnless(FilesNode.IsRoot, "needs root: it works as another user");
        await using var node = new FilesNode();
        var client = await node.ConnectAsync();
        var secret = Path.Combine(node.Outside, "secret");
        File.SetUnixFileMode(secret, UnixFileMode.UserRead);
        Native.Link(secret, node["hard"]);
        Assert.Equal("file_access", await client.ReasonAsync("read", """{"session":"box","path":"hard"}"""));
        await client.WriteAsync("hard", "mine");
        Assert.Equal("the host's own", File.ReadAllText(secret));
    }

    [Fact]
    public async Task Pseudo_file_systems_are_not_served()
    {
        Assert.SkipUnless(FilesNode.IsRoot, "needs root: it mounts");
        await using var node = new FilesNode();
        var client = await node.ConnectAsync();
        using var proc = Mounted.Proc(Path.Combine(node.Root, "proc"));
        foreach (var path in (string[])["/proc/self/status", "/proc/1/environ", "/proc/self/root/etc/passwd", "/proc/self/cwd/x", "/proc/self/fd/0"])
        {
            Assert.Contains(await client.ReasonAsync("read", $$"""{"session":"box","path":"{{path}}"}"""), (string[])["kept_out", "link_refused", "not_found"]);
        }

        Assert.Equal("kept_out", await client.ReasonAsync("list_files", """{"session":"box","path":"/proc"}"""));
        Assert.Equal("kept_out", await client.ReasonAsync("write", """{"session":"box","path":"/proc/self/oom_score_adj","data":"0"}"""));
        Assert.Equal("kept_out", await client.ReasonAsync("watch", """{"session":"box","path":"/proc"}"""));
    }

    [Fact]
    public async Task Nothing_waits_for_a_fifo_and_no_device_is_opened()
    {
        await using var node = new FilesNode();
        var client = await node.ConnectAsync();
        Native.MakeFifo(node["fifo"]);
        Assert.Equal("not_regular_file", await client.ReasonAsync("read", """{"session":"box","path":"fifo"}"""));
        await foreach (var item in client.StreamAsync("download", """{"session":"box","path":"fifo"}"""))
        {
            Assert.Equal("not_regular_file", item.Error?.Reason);
        }

        await client.WriteAsync("fifo", "a file now");
        Assert.Equal("a file now", File.ReadAllText(node["fifo"]));
    }

    [Fact]
    public async Task A_huge_sparse_file_costs_what_is_asked_for()
    {
        await using var node = new FilesNode();
        var client = await node.ConnectAsync();
        using (var file = File.Create(node["sparse"]))
        {
            file.SetLength(1L << 42);
        }

        var part = await client.GetAsync("read", $$"""{"session":"box","path":"sparse","offset":{{1L << 41}},"size":1024}""", ContractsJson.Default.ReadResult);
        Assert.Equal((1024, false), (part.BytesRead, part.Eof));
        var taken = 0;
        await foreach (var item in client.StreamAsync("download", """{"session":"box","path":"sparse","length":1000000}"""))
        {
            taken += item.Get(ContractsJson.Default.DownloadPiece).DataB64.Length;
        }

        Assert.Equal(1_000_000, taken);
        await foreach (var item in client.StreamAsync("archive_out", """{"session":"box","path":"sparse"}"""))
        {
            Assert.Equal("archive_too_large", item.Error?.Reason);
        }
    }

    [Fact]
    public async Task A_directory_swapped_for_a_link_while_files_are_read_and_written_lets_nothing_out()
    {
        await using var node = new FilesNode();
        var client = await node.ConnectAsync();
        await client.CallAsync("mkdir", """{"session":"box","path":"d"}""");
        await client.WriteAsync("d/secret", "inside");
        File.CreateSymbolicLink(node["l"], node.Outside);
        using var done = new CancellationTokenSource();
        var swapping = Task.Factory.StartNew(
            () =>
            {
                while (!done.IsCancellationRequested)
                {
                    Native.Exchange(node["d"], node["l"]);
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            for (var i = 0; i < 500; i++)
            {
                var read = await client.CallAsync("read", """{"session":"box","path":"d/secret"}""");
                Assert.True(read.Error is not null || read.Get(ContractsJson.Default.ReadResult).Data is "inside" or "new", "what was read is not the sandbox's own");
                await client.CallAsync("write", """{"session":"box","path":"d/secret","data":"new"}""");
                await client.CallAsync("delete", """{"session":"box","path":"d/gone","recursive":true}""");
                await client.CallAsync("mkdir", """{"session":"box","path":"d/gone/x","parents":true}""");
            }
        }
        finally
        {
            await done.CancelAsync();
            await swapping;
        }

        Assert.Equal(["secret"], Directory.GetFileSystemEntries(node.Outside).Select(p => Path.GetFileName(p)));
        Assert.Equal("the host's own", File.ReadAllText(Path.Combine(node.Outside, "secret")));
    }

    [Fact]
    public async Task No_error_tells_a_path_of_the_host()
    {
        await using var node = new FilesNode();
        var client = await node.ConnectAsync();
        foreach (var (method, json) in ((string, string)[])[("read", """{"session":"box","path":"none"}"""), ("list_files", """{"session":"box","path":"none"}"""), ("mkdir", """{"session":"box","path":"a/b"}""")])
        {
            var answer = await client.CallAsync(method, json);
            Assert.DoesNotContain(node.Root, JsonSerializer.Serialize(answer.Error!.Message), StringComparison.Ordinal);
            Assert.DoesNotContain("/tmp", answer.Error.Message, StringComparison.Ordinal);
        }
    }
}
