using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Fs.Tests;

/// <summary>What the node keeps to itself is neither read, changed, moved, listed nor watched by any method, by whatever way.</summary>
public sealed class KeptOutTests
{
    private static readonly (string Method, string Json)[] Attempts =
    [
        ("fs.open", """{"path":"own/key"}"""),
        ("fs.open", """{"path":"door/key"}"""),
        ("fs.open", """{"path":"own/key","mode":"rw"}"""),
        ("fs.open", """{"path":"own/new","mode":"w","create":true}"""),
        ("fs.open", """{"path":"own/new","mode":"w","exclusive":true}"""),
        ("fs.open", """{"path":"own/deep/new","mode":"w","exclusive":true}"""),
        ("fs.stat", """{"path":"own/key"}"""),
        ("fs.list", """{"path":"own"}"""),
        ("fs.list", """{"path":"own","sort":"name"}"""),
        ("fs.mkdir", """{"path":"own/new"}"""),
        ("fs.mkdir", """{"path":"own/deep/a/b","parents":true}"""),
        ("fs.rename", """{"from":"own","to":"taken"}"""),
        ("fs.rename", """{"from":"own/key","to":"taken"}"""),
        ("fs.rename", """{"from":"file","to":"own/file"}"""),
        ("fs.rename", """{"from":"file","to":"own/key","replace":true}"""),
        ("fs.remove", """{"path":"own/key"}"""),
        ("fs.remove", """{"path":"own/deep"}"""),
        ("fs.remove_tree", """{"path":"own"}"""),
        ("fs.remove_tree", """{"path":"own/deep"}"""),
        ("fs.chmod", """{"path":"own","permissions":"0777"}"""),
        ("fs.chmod", """{"path":"own/key","permissions":"0777"}"""),
        ("fs.copy", """{"from":"own/key","to":"taken"}"""),
        ("fs.copy", """{"from":"file","to":"own/taken"}"""),
        ("fs.link", """{"from":"own/key","to":"taken"}"""),
        ("fs.link", """{"from":"file","to":"own/taken"}"""),
        ("fs.write_atomic", """{"path":"own/key","data":"x"}"""),
        ("fs.upload", """{"path":"own/key","upload":"u","replace":true}"""),
        ("fs.upload", """{"path":"door/new","upload":"u"}"""),
        ("fs.hash", """{"path":"own/key"}"""),
        ("fs.download", """{"path":"own/key"}"""),
        ("fs.find", """{"path":"own"}"""),
        ("fs.watch", """{"path":"own"}"""),
        ("fs.watch", """{"path":"own/key"}"""),
    ];

    [Fact]
    public async Task No_method_reaches_it_and_every_attempt_is_audited()
    {
        await using var node = new FsNode(writable: true, keptOut: "own");
        Directory.CreateDirectory(node["own/deep"]);
        node.Write("own/key", "secret"u8);
        node.Write("file", "x"u8);
        File.CreateSymbolicLink(node["door"], "own");
        var client = await node.ConnectAsync();
        foreach (var (method, json) in Attempts)
        {
            var response = await client.CallAsync(method, json);
            Assert.True(response.Error is { Code: ErrorCode.PermissionDenied, Reason: "kept_out" }, $"{method} {json}: {response.Error}");
        }

        Assert.Equal("secret", File.ReadAllText(node["own/key"]));
        Assert.Equal(["door", "file", "own"], Directory.GetFileSystemEntries(node.Root).Select(Path.GetFileName).Order());
        Assert.Equal(Attempts.Length, (await node.AuditAsync()).Count(r => r.TryGetProperty("reason", out var reason) && reason.GetString() == "kept_out"));
    }

    [Fact]
    public async Task A_tree_around_it_is_searched_without_it_and_not_removed_with_it()
    {
        await using var node = new FsNode(writable: true, keptOut: "a/own");
        Directory.CreateDirectory(node["a/own/deep"]);
        node.Write("a/own/key", "secret"u8);
        node.Write("a/file", "x"u8);
        var client = await node.ConnectAsync();
        Assert.Equal(["a", "a/file", "a/own"], (await FindTests.FindAsync(client, "{}")).Found);
        (await client.CallAsync("fs.remove_tree", """{"path":"a"}""")).MustBe(ErrorCode.PermissionDenied, "kept_out");
        Assert.Equal("secret", File.ReadAllText(node["a/own/key"]));
    }
}
