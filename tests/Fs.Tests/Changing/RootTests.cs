using Strata.Hosting;
using Strata.Ipc;
using Strata.Policy;

namespace Strata.Fs.Tests;

/// <summary>What is served and what may be changed is the configuration's to say, and no answer tells where it lies.</summary>
public sealed class RootTests
{
    private static readonly (string Method, string Json)[] EveryChange =
    [
        ("fs.open", """{"path":"file","mode":"rw"}"""),
        ("fs.open", """{"path":"new","mode":"w","create":true}"""),
        ("fs.mkdir", """{"path":"new"}"""),
        ("fs.mkdir", """{"path":"new/deep","parents":true}"""),
        ("fs.rename", """{"from":"file","to":"new"}"""),
        ("fs.remove", """{"path":"file"}"""),
        ("fs.remove_tree", """{"path":"dir"}"""),
        ("fs.chmod", """{"path":"file","permissions":"0777"}"""),
        ("fs.copy", """{"from":"file","to":"new"}"""),
        ("fs.link", """{"from":"file","to":"new"}"""),
    ];

    [Theory]
    [InlineData(null)]
    [InlineData("docs:$home/prefix")]
    [InlineData("docs:$home/prefix:ro,other:$home/outside:rw")]
    [InlineData("outer:$home:rw,docs:$home/prefix:ro")]
    public async Task Nothing_is_changed_beneath_a_root_that_is_not_writable(string? roots)
    {
        await using var node = new FsNode(roots: roots);
        node.Write("file", "x"u8);
        Directory.CreateDirectory(node["dir"]);
        File.SetUnixFileMode(node["file"], (UnixFileMode)0x1A4);
        var client = await node.ConnectAsync();
        foreach (var (method, json) in EveryChange)
        {
            (await client.CallAsync(method, json)).MustBe(ErrorCode.PermissionDenied, "read_only");
        }

        Assert.Equal(["dir", "file"], Directory.GetFileSystemEntries(node.Root).Select(Path.GetFileName).Order());
        Assert.Equal("x", (await client.ReadAsync(await client.OpenAsync("file"))).Data);
        Assert.Equal("0644", (await client.StatAsync("file")).Mode);
        var denied = (await node.AuditAsync()).Where(r => r.GetProperty("outcome").GetString() == "denied");
        Assert.Equal(EveryChange.Length, denied.Count(r => r.GetProperty("reason").GetString() == "read_only"));
    }

    [Fact]
    public async Task A_capability_may_name_a_root_and_folders_in_it()
    {
        await using var node = new FsNode(writable: true);
        Directory.CreateDirectory(node["a/b"]);
        node.Write("a/b/file", "x"u8);
        var whole = await node.ConnectAsync(node.Grant("home:"));
        Assert.Equal("x", (await whole.ReadAsync(await whole.OpenAsync("a/b/file"))).Data);
        Assert.Equal("x", (await whole.ReadAsync(await whole.OpenAsync("home:/a/b/file"))).Data);
        var part = await node.ConnectAsync(node.Grant("home:/a"));
        Assert.Equal("x", (await part.ReadAsync(await part.OpenAsync("b/file"))).Data);
        Assert.Equal("x", (await part.ReadAsync(await part.OpenAsync("home:/a/b/file"))).Data);
        (await part.TryOpenAsync("home:/file")).MustBe(ErrorCode.PermissionDenied, "path_outside_prefix");
        (await part.TryOpenAsync(node["a/b/file"])).MustBe(ErrorCode.PermissionDenied, "path_outside_prefix");
        (await part.TryOpenAsync("home:/a/../file")).MustBe(ErrorCode.PermissionDenied, "path_outside_prefix");
    }

    [Theory]
    [InlineData("away:")]
    [InlineData("home:/missing")]
    [InlineData("/etc")]
    [InlineData("/")]
    public async Task What_no_root_holds_is_not_there(string prefix)
    {
        await using var node = new FsNode(writable: true);
        var client = await node.ConnectAsync(node.Grant(prefix));
        (await client.TryListAsync()).MustBe(ErrorCode.NotFound, "prefix_missing");
        (await client.TryOpenAsync("passwd")).MustBe(ErrorCode.NotFound, "prefix_missing");
        (await client.CallAsync("fs.mkdir", """{"path":"x"}""")).MustBe(ErrorCode.NotFound, "prefix_missing");
    }

    [Fact]
    public async Task A_link_in_a_prefix_does_not_lead_out_of_its_root()
    {
        await using var node = new FsNode(writable: true);
        File.WriteAllText(Path.Combine(node.Outside, "secret"), "secret");
        File.CreateSymbolicLink(node["door"], node.Outside);
        foreach (var prefix in new[] { "home:/door", node["door"] })
        {
            var client = await node.ConnectAsync(node.Grant(prefix));
            Assert.NotNull((await client.TryOpenAsync("secret")).Error);
            Assert.NotNull((await client.CallAsync("fs.open", """{"path":"new","mode":"w","create":true}""")).Error);
        }

        Assert.Equal(["secret"], Directory.GetFiles(node.Outside).Select(Path.GetFileName));
    }

    [Fact]
    public async Task The_prefix_itself_stays()
    {
        await using var node = new FsNode(writable: true);
        node.Write("file", "x"u8);
        var client = await node.ConnectAsync();
        foreach (var (method, json) in new[]
        {
            ("fs.rename", """{"from":".","to":"x"}"""), ("fs.rename", """{"from":"file","to":"."}"""), ("fs.remove", """{"path":"."}"""),
            ("fs.remove_tree", """{"path":"./"}"""), ("fs.mkdir", """{"path":"."}"""), ("fs.link", """{"from":"file","to":"."}"""), ("fs.copy", """{"from":"file","to":"."}"""),
        })
        {
            (await client.CallAsync(method, json)).MustBe(ErrorCode.InvalidArgument, "prefix_itself");
        }

        Assert.Equal("exists", await client.StatusAsync("fs.mkdir", """{"path":".","parents":true}"""));
        (await client.CallAsync("fs.open", """{"path":".","mode":"w","create":true}""")).MustBe(ErrorCode.InvalidArgument, "is_directory");
    }

    [Fact]
    public void The_environment_names_the_roots_and_not_the_nodes_own_directories()
    {
        var settings = new NodeSettings { RuntimeDir = "/run/strata", StateDir = "/var/lib/strata", NodeId = "n" };
        Assert.False(FsRoots.From(_ => null, settings).AreNamed);
        Assert.Equal(["home", "all"], FsRoots.From(_ => "home:/srv/home:rw,all:/", settings).All.Select(r => r.Name));
        foreach (var bad in new[] { "home", "home:relative", "home:/a,home:/b", "home:/var:rw", "all:/:rw", "x:/var/lib/strata/identity:rw", "x:/run/strata:rw", "Home:/srv", "home:/a/../b" })
        {
            Assert.StartsWith("STRATA_FS_ROOTS ", Assert.Throws<SettingsException>(() => FsRoots.From(_ => bad, settings)).Message, StringComparison.Ordinal);
        }
    }
}
