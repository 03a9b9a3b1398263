using System.Security.Cryptography;
using System.Text.Json;
using Strata.Contracts;
using Strata.Linux;

namespace Strata.Sandbox.Tests;

public sealed class FileMethodTests
{
    [Fact]
    public async Task What_is_written_is_read_and_belongs_to_the_sandboxs_user()
    {
        await using var node = new FilesNode();
        var client = await node.ConnectAsync();
        await client.WriteAsync("a.txt", "hello");
        Assert.Equal("hello", await client.ReadAsync("/workspace/a.txt"));
        Assert.Equal("hello", File.ReadAllText(node["a.txt"]));
        Assert.True(FileStatus.TryGetNoFollow(node["a.txt"], out var status) == 0 && status.Mode == 0x1A4);
        if (FilesNode.IsRoot)
        {
            Assert.Equal((FilesNode.User, FilesNode.User), (status.Uid, status.Gid));
        }

        var records = await node.AuditAsync();
        Assert.Contains(records, r => r.GetProperty("event").GetString() == "sandbox.write" && r.GetProperty("resource").GetString() == "box");
    }

    [Fact]
    public async Task Only_what_its_user_may_do_is_done_even_by_a_service_that_is_root()
    {
        Assert.SkipUnless(FilesNode.IsRoot, "needs root: it works as another user");
        await using var node = new FilesNode();
        var client = await node.ConnectAsync();
        File.WriteAllText(node["root's"], "secret");
        File.SetUnixFileMode(node["root's"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Directory.CreateDirectory(Path.Combine(node.Root, "etc"));
        Assert.Equal("file_access", await client.ReasonAsync("read", """{"session":"box","path":"root's"}"""));
        Assert.Equal("file_access", await client.ReasonAsync("write", """{"session":"box","path":"/etc/passwd","data":"x"}"""));
        Assert.Equal("file_access", await client.ReasonAsync("mkdir", """{"session":"box","path":"/etc/d"}"""));
        Assert.Equal("secret", File.ReadAllText(node["root's"]));
    }

    [Fact]
    public async Task Directories_are_made_listed_moved_and_removed_with_all_in_them()
    {
        await using var node = new FilesNode();
        var client = await node.ConnectAsync();
        Assert.Equal("made", (await client.GetAsync("mkdir", """{"session":"box","path":"a/b/c","parents":true}""", ContractsJson.Default.StatusResult)).Status);
        Assert.Equal("exists", (await client.GetAsync("mkdir", """{"session":"box","path":"a/b/c","parents":true}""", ContractsJson.Default.StatusResult)).Status);
        Assert.Equal("exists", await client.ReasonAsync("mkdir", """{"session":"box","path":"a/b/c"}"""));
        await client.WriteAsync("a/b/c/f", "1");
        Assert.Null((await client.CallAsync("write", """{"session":"box","path":"x/y/z","data":"","parents":true}""")).Error);
        var listed = await client.GetAsync("list_files", """{"session":"box","sort":"name","stat":true}""", ContractsJson.Default.ListResult);
        Assert.Equal(["a", "x"], listed.Entries.Select(e => e.Name));
        Assert.Null((await client.CallAsync("move", """{"session":"box","from":"a/b","to":"moved"}""")).Error);
        Assert.Equal("dir", (await client.GetAsync("stat", """{"session":"box","path":"moved/c"}""", ContractsJson.Default.StatResult)).Kind);
        Assert.Equal("not_empty", await client.ReasonAsync("delete", """{"session":"box","path":"moved"}"""));
        Assert.Equal("exists", await client.ReasonAsync("move", """{"session":"box","from":"moved","to":"a"}"""));
        var removed = await client.GetAsync("delete", """{"session":"box","path":"moved","recursive":true}""", ContractsJson.Default.RemoveTreeResult);
        Assert.Equal((3, true), (removed.Removed, removed.Done));
        Assert.Equal("not_found", await client.ReasonAsync("stat", """{"session":"box","path":"moved"}"""));
        Assert.Equal("busy", await client.ReasonAsync("delete", """{"session":"box","path":"/","recursive":true}"""));
    }

    [Fact]
    public async Task A_file_of_many_pieces_goes_in_and_comes_out_as_it_was()
    {
        await using var node = new FilesNode();
        var client = await node.ConnectAsync();
        var content = RandomNumberGenerator.GetBytes(3_000_017);
        var done = await client.SendAsync("upload", """{"session":"box","path":"big","permissions":"0640"}""", content);
        Assert.Equal(content.Length, done.Get(ContractsJson.Default.SandboxUploadDone).Size);
        Assert.Equal(["big"], Directory.GetFileSystemEntries(node.Workspace).Select(p => Path.GetFileName(p)));
        var received = new MemoryStream();
        await foreach (var item in client.StreamAsync("download", """{"session":"box","path":"big"}"""))
        {
            Assert.Null(item.Error);
            received.Write(item.Get(ContractsJson.Default.DownloadPiece).DataB64.Span);
        }

        Assert.Equal(content, received.ToArray());
        var part = await client.GetAsync("read", """{"session":"box","path":"big","offset":3000000,"size":524288}""", ContractsJson.Default.ReadResult);
        Assert.Equal((17, true), (part.BytesRead, part.Eof));
    }

    [Fact]
    public async Task An_upload_is_nobody_elses_and_leaves_nothing_when_it_is_given_up()
    {
        await using var node = new FilesNode();
        var client = await node.ConnectAsync();
        var other = await node.ConnectAsync(node.Token());
        var handle = (await client.GetAsync("upload", """{"session":"box","path":"f"}""", ContractsJson.Default.SandboxUploadBegun)).Handle;
        Assert.Equal("no_such_handle", await other.ReasonAsync("upload_write", $$"""{"handle":"{{handle}}","offset":0,"data_b64":"aGk="}"""));
        Assert.Equal("offset_mismatch", await client.ReasonAsync("upload_write", $$"""{"handle":"{{handle}}","offset":1,"data_b64":"aGk="}"""));
        Assert.Null((await client.CallAsync("upload_write", $$"""{"handle":"{{handle}}","offset":0,"data_b64":"aGk="}""")).Error);
        Assert.Equal("size_mismatch", await client.ReasonAsync("upload_commit", $$"""{"handle":"{{handle}}","size":1}"""));
        Assert.Null((await client.CallAsync("upload_discard", $$"""{"handle":"{{handle}}"}""")).Error);
        Assert.Equal("no_such_handle", await client.ReasonAsync("upload_commit", $$"""{"handle":"{{handle}}","size":2}"""));
        Assert.Empty(Directory.GetFileSystemEntries(node.Workspace));
    }

    [Fact]
    public async Task Uploads_are_bounded_and_end_when_nobody_goes_on_or_the_session_ends()
    {
        await using var node = new FilesNode(new SandboxFileOptions { MaxUploadsOfOne = 2 });
        var client = await node.ConnectAsync();
        await client.GetAsync("upload", """{"session":"box","path":"a"}""", ContractsJson.Default.SandboxUploadBegun);
        await client.GetAsync("upload", """{"session":"box","path":"b"}""", ContractsJson.Default.SandboxUploadBegun);
        Assert.Equal("uploads_exhausted", await client.ReasonAsync("upload", """{"session":"box","path":"c"}"""));
        node.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.Empty(Directory.GetFileSystemEntries(node.Workspace));
        var handle = (await client.GetAsync("upload", """{"session":"box","path":"d"}""", ContractsJson.Default.SandboxUploadBegun)).Handle;
        node.EndSession();
        await Patience.UntilAsync(() => Directory.GetFileSystemEntries(node.Workspace).Length == 0);
        Assert.Contains(await client.ReasonAsync("upload_write", $$"""{"handle":"{{handle}}","offset":0,"data_b64":"aGk="}"""), (string[])["session_not_found", "no_such_handle"]);
        Assert.Equal("session_not_found", await client.ReasonAsync("read", """{"session":"box","path":"a"}"""));
    }

    [Fact]
    public async Task An_upload_with_a_name_goes_on_where_a_connection_broke_off_and_nobody_elses_does()
    {
        await using var node = new FilesNode();
        const string Begin = """{"session":"box","path":"f","resume":"mine"}""";
        var token = node.Token();
        var client = await node.ConnectAsync(token);
        var begun = await client.GetAsync("upload", Begin, ContractsJson.Default.SandboxUploadBegun);
        Assert.Equal(0, begun.Offset);
        Assert.Null((await client.CallAsync("upload_write", $$"""{"handle":"{{begun.Handle}}","offset":0,"data_b64":"aGkg"}""")).Error);

        var again = await node.ConnectAsync(token);
        Assert.Equal(begun with { Offset = 3 }, await again.GetAsync("upload", Begin, ContractsJson.Default.SandboxUploadBegun));
        var others = (SandboxUploadBegun[])
        [
            await again.GetAsync("upload", """{"session":"box","path":"f","resume":"yours"}""", ContractsJson.Default.SandboxUploadBegun),
            await again.GetAsync("upload", """{"session":"box","path":"g","resume":"mine"}""", ContractsJson.Default.SandboxUploadBegun),
            await again.GetAsync("upload", """{"session":"box","path":"f","resume":"mine","permissions":"0600"}""", ContractsJson.Default.SandboxUploadBegun),
            await again.GetAsync("upload", """{"session":"box","path":"f","resume":"mine","replace":true}""", ContractsJson.Default.SandboxUploadBegun),
            await again.GetAsync("upload", """{"session":"box","path":"f"}""", ContractsJson.Default.SandboxUploadBegun),
            await (await node.ConnectAsync(node.Token())).GetAsync("upload", Begin, ContractsJson.Default.SandboxUploadBegun),
        ];
        Assert.All(others, other => Assert.True(other.Offset == 0 && other.Handle != begun.Handle));

        Assert.Null((await again.CallAsync("upload_write", $$"""{"handle":"{{begun.Handle}}","offset":3,"data_b64":"eW91"}""")).Error);
        Assert.Null((await again.CallAsync("upload_commit", $$"""{"handle":"{{begun.Handle}}","size":6}""")).Error);
        Assert.Equal("hi you", File.ReadAllText(node["f"]));
        Assert.Equal("exists", await again.ReasonAsync("upload", Begin));
    }

    [Fact]
    public async Task Bytes_and_age_of_uploads_are_bounded_however_often_they_are_gone_on_with()
    {
        await using var node = new FilesNode(new SandboxFileOptions { MaxUploadBytes = 4, UploadIdle = TimeSpan.FromMinutes(10), UploadLifetime = TimeSpan.FromMinutes(15) });
        var client = await node.ConnectAsync();
        const string Begin = """{"session":"box","path":"f","resume":"mine"}""";
        var begun = await client.GetAsync("upload", Begin, ContractsJson.Default.SandboxUploadBegun);
        Assert.Null((await client.CallAsync("upload_write", $$"""{"handle":"{{begun.Handle}}","offset":0,"data_b64":"aGk="}""")).Error);
        Assert.Equal("file_too_large", await client.ReasonAsync("upload_write", $$"""{"handle":"{{begun.Handle}}","offset":2,"data_b64":"eW91"}"""));
        Assert.Null((await client.CallAsync("upload_write", $$"""{"handle":"{{begun.Handle}}","offset":2,"data_b64":"eW8="}""")).Error);
        node.Time.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal(begun with { Offset = 4 }, await client.GetAsync("upload", Begin, ContractsJson.Default.SandboxUploadBegun));
        node.Time.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal("no_such_handle", await client.ReasonAsync("upload_commit", $$"""{"handle":"{{begun.Handle}}","size":4}"""));
        var anew = await client.GetAsync("upload", Begin, ContractsJson.Default.SandboxUploadBegun);
        Assert.True(anew.Offset == 0 && anew.Handle != begun.Handle);
        node.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.Empty(Directory.GetFileSystemEntries(node.Workspace));
    }

    [Fact]
    public async Task Changes_are_told_as_they_happen_until_the_session_ends()
    {
        await using var node = new FilesNode();
        var client = await node.ConnectAsync();
        await using var events = client.StreamAsync("watch", """{"session":"box"}""").GetAsyncEnumerator();
        Assert.True(await events.MoveNextAsync());
        await client.WriteAsync("seen", "x");
        var names = new List<string?>();
        while (!names.Contains("seen"))
        {
            Assert.True(await events.MoveNextAsync());
            names.AddRange(events.Current.Get(ContractsJson.Default.FileEvents).Events.Select(e => e.Name));
        }

        node.EndSession();
        while (events.Current.Error is null)
        {
            Assert.True(await events.MoveNextAsync());
        }

        Assert.Equal("session_not_found", events.Current.Error.Reason);
    }

    [Theory]
    [InlineData("""{"path":"a"}""", "place_missing")]
    [InlineData("""{"path":"a","session":"box","workspace":"w"}""", "place_missing")]
    [InlineData("""{"path":"a","session":"other"}""", "session_not_found")]
    [InlineData("""{"path":"a\u0000b","session":"box"}""", "invalid_change")]
    public async Task A_call_names_one_place_of_its_caller(string json, string reason)
    {
        await using var node = new FilesNode();
        Assert.Equal(reason, await (await node.ConnectAsync()).ReasonAsync("read", json));
    }

    [Fact]
    public async Task A_workspace_takes_its_own_right_as_well()
    {
        await using var node = new FilesNode();
        var client = await node.ConnectAsync(node.Token(rights: ["sandbox.read"]));
        Assert.Equal("right_missing", await client.ReasonAsync("read", """{"path":"a","workspace":"w"}"""));
    }
}
