using System.Text.Json;
using Strata.Contracts;
using Strata.Ipc;
using Strata.Policy;

namespace Strata.Sandbox.Tests;

/// <summary>Snapshots, forks and workspaces through the service's own socket, with sandboxes that run.</summary>
public sealed class ForkTests
{
    private static readonly string[] Rights = ["sandbox.create", "sandbox.exec", "sandbox.read", "sandbox.write", "sandbox.workspace", "sandbox.snapshot"];

    [Fact]
    public async Task Ten_forks_of_one_session_run_side_by_side_and_a_session_goes_back()
    {
        using var engine = new BubblewrapEngine();
        await using var node = await SandboxNode.StartAsync(engine, time: TimeProvider.System);
        var client = await node.ConnectAsync(node.Grant(rights: Rights));
        await client.CreateAsync("""{"session":"box","secrets":{"KEY":"value"},"environment":{"KEPT":"yes"}}""");
        await WriteAsync(client, "box", "state", "base");
        var taken = await client.GetAsync("snapshot", """{"session":"box","snapshot":"s"}""", ContractsJson.Default.SandboxSnapshot);
        Assert.Equal(("s", "box", "host"), (taken.Snapshot, taken.Session, taken.Image));
        Assert.Equal("running", (await client.InfoAsync("box")).State);
        await WriteAsync(client, "box", "state", "changed");

        await Task.WhenAll(Enumerable.Range(0, 10).Select(i => client.GetAsync("fork", $$"""{"snapshot":"s","session":"fork{{i}}"}""", ContractsJson.Default.StatusResult)));
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("base", await ReadAsync(client, $"fork{i}", "state"));
            await WriteAsync(client, $"fork{i}", "state", $"{i}");
        }

        for (var i = 0; i < 10; i++)
        {
            Assert.Equal($"{i}", await ReadAsync(client, $"fork{i}", "state"));
        }

        Assert.Equal("restored", (await client.GetAsync("restore", """{"session":"box","snapshot":"s"}""", ContractsJson.Default.StatusResult)).Status);
        Assert.Equal("base", await ReadAsync(client, "box", "state"));
        await client.ErrorAsync("fork", """{"snapshot":"s","session":"box"}""", ErrorCode.Conflict, "exists");
        await client.ErrorAsync("snapshot", """{"session":"box","snapshot":"s"}""", ErrorCode.Conflict, "snapshot_exists");
        await client.ErrorAsync("snapshot", """{"session":"box","kind":"memory"}""", ErrorCode.InvalidArgument, "memory_snapshots");
        Assert.Equal("running", (await client.InfoAsync("box")).State);

        await node.RestartAsync();
        client = await node.ConnectAsync(node.Grant(rights: Rights));
        Assert.Equal(["s"], (await client.GetAsync("snapshots", "{}", ContractsJson.Default.SandboxSnapshots)).Snapshots.Select(s => s.Snapshot));
        Assert.Equal("deleted", (await client.GetAsync("snapshot_delete", """{"snapshot":"s"}""", ContractsJson.Default.StatusResult)).Status);
        await client.ErrorAsync("fork", """{"snapshot":"s","session":"late"}""", ErrorCode.NotFound, "snapshot_not_found");
    }

    [Fact]
    public async Task What_a_fork_removed_or_made_anew_stays_so_in_what_is_forked_of_it()
    {
        using var engine = new BubblewrapEngine();
        await using var node = await SandboxNode.StartAsync(engine, time: TimeProvider.System);
        var client = await node.ConnectAsync(node.Grant(rights: Rights));
        await client.CreateAsync("""{"session":"box"}""");
        foreach (var path in (string[])["gone", "kept", "file-then-dir", "dir/a", "anew/old"])
        {
            Assert.Null((await client.CallAsync("write", $$"""{"session":"box","path":"{{path}}","data":"first","parents":true}""")).Error);
        }

        await client.GetAsync("snapshot", """{"session":"box","snapshot":"one"}""", ContractsJson.Default.SandboxSnapshot);
        await client.GetAsync("fork", """{"snapshot":"one","session":"second"}""", ContractsJson.Default.StatusResult);
        foreach (var path in (string[])["gone", "file-then-dir", "anew"])
        {
            Assert.Null((await client.CallAsync("delete", $$"""{"session":"second","path":"{{path}}","recursive":true}""")).Error);
        }

        await client.CallAsync("mkdir", """{"session":"second","path":"file-then-dir"}""");
        await client.CallAsync("mkdir", """{"session":"second","path":"anew"}""");
        await WriteAsync(client, "second", "dir/b", "second");
        await client.GetAsync("snapshot", """{"session":"second","snapshot":"two"}""", ContractsJson.Default.SandboxSnapshot);
        await client.GetAsync("fork", """{"snapshot":"two","session":"third"}""", ContractsJson.Default.StatusResult);
        async Task<string[]> ListAsync(string path) => [.. (await client.GetAsync(
            "list_files", $$"""{"session":"third","path":"{{path}}","sort":"name"}""", ContractsJson.Default.ListResult)).Entries.Select(e => e.Name + ":" + e.Kind)];
        Assert.Equal(["anew:dir", "dir:dir", "file-then-dir:dir", "kept:file"], await ListAsync("."));
        Assert.Equal(["a:file", "b:file"], await ListAsync("dir"));
        Assert.Empty(await ListAsync("anew"));
        Assert.Equal("second", await ReadAsync(client, "third", "dir/b"));
    }

    [Fact]
    public async Task A_fork_is_held_to_the_bounds_of_whoever_asks_for_it_and_a_snapshot_is_nobody_elses()
    {
        using var engine = new BubblewrapEngine();
        await using var node = await SandboxNode.StartAsync(engine, time: TimeProvider.System);
        var client = await node.ConnectAsync(node.Grant(rights: Rights));
        await client.CreateAsync("""{"session":"box","limits":{"memory_bytes":536870912}}""");
        await client.GetAsync("snapshot", """{"session":"box","snapshot":"s"}""", ContractsJson.Default.SandboxSnapshot);
        var narrow = await node.ConnectAsync(node.Grant(rights: Rights, bounds: new SandboxBounds { MaxMemoryBytes = 1 << 28 }));
        await narrow.ErrorAsync("fork", """{"snapshot":"s","session":"fork"}""", ErrorCode.PermissionDenied, "limit_denied");
        var other = await node.ConnectAsync(node.Grant("bob", Rights));
        await other.ErrorAsync("fork", """{"snapshot":"s","session":"fork"}""", ErrorCode.NotFound, "snapshot_not_found");
        await other.ErrorAsync("snapshot_delete", """{"snapshot":"s"}""", ErrorCode.NotFound, "snapshot_not_found");
        Assert.Empty((await other.GetAsync("snapshots", "{}", ContractsJson.Default.SandboxSnapshots)).Snapshots);
    }

    [Fact]
    public async Task A_workspace_goes_from_session_to_session_and_is_bounded()
    {
        using var engine = new BubblewrapEngine();
        await using var node = await SandboxNode.StartAsync(engine, time: TimeProvider.System);
        var client = await node.ConnectAsync(node.Grant(rights: Rights));
        await client.GetAsync("workspace_create", """{"workspace":"w","max_bytes":65536}""", ContractsJson.Default.SandboxWorkspace);
        Assert.Null((await client.CallAsync("write", """{"workspace":"w","path":"/before","data":"from outside"}""")).Error);
        await client.CreateAsync("""{"session":"one","workspace":"w"}""");
        Assert.Equal("from outside", await ReadAsync(client, "one", "before"));
        await WriteAsync(client, "one", "/workspace/made", "inside");
        await client.ErrorAsync("create", """{"session":"two","workspace":"w"}""", ErrorCode.Conflict, "workspace_busy");
        await client.ErrorAsync("workspace_delete", """{"workspace":"w"}""", ErrorCode.Conflict, "workspace_busy");

        // Our own writes are refused at once; those through a session when they are counted, and then it stands still until there is room.
        await client.ErrorAsync("write", $$"""{"workspace":"w","path":"big","data":"{{new string('x', 65537)}}"}""", ErrorCode.ResourceExhausted, "workspace_full");
        await WriteAsync(client, "one", "big", new string('x', 70_000));
        Assert.Equal(1, await node.Service.WorkspaceCalls.CountOnceAsync(CancellationToken.None));
        Assert.Equal("paused", (await client.InfoAsync("one")).State);
        Assert.Null((await client.CallAsync("delete", """{"session":"one","path":"big"}""")).Error);
        await client.StatusAsync("resume", "one");
        Assert.Equal(0, await node.Service.WorkspaceCalls.CountOnceAsync(CancellationToken.None));

        await client.StatusAsync("close", "one");
        await client.CreateAsync("""{"session":"two","workspace":"w"}""");
        Assert.Equal("inside", await ReadAsync(client, "two", "made"));
        await client.StatusAsync("close", "two");
        var listed = await client.GetAsync("workspace_list", "{}", ContractsJson.Default.SandboxWorkspaces);
        Assert.Equal(("w", 2, 0), (listed.Workspaces[0].Workspace, listed.Workspaces[0].Files, listed.Workspaces[0].Sessions));
        var other = await node.ConnectAsync(node.Grant("bob", Rights));
        await other.ErrorAsync("read", """{"workspace":"w","path":"before"}""", ErrorCode.NotFound, "workspace_not_found");
        Assert.Equal("deleted", (await client.GetAsync("workspace_delete", """{"workspace":"w"}""", ContractsJson.Default.StatusResult)).Status);
        await client.ErrorAsync("read", """{"workspace":"w","path":"before"}""", ErrorCode.NotFound, "workspace_not_found");
    }

    private static async Task WriteAsync(SandboxClient client, string session, string path, string text) =>
        Assert.Null((await client.CallAsync("write", JsonSerializer.Serialize(new { session, path, data = text }))).Error);

    private static async Task<string?> ReadAsync(SandboxClient client, string session, string path) =>
        (await client.GetAsync("read", JsonSerializer.Serialize(new { session, path }), ContractsJson.Default.ReadResult)).Data;
}
