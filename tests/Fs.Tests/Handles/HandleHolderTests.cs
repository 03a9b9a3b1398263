using System.Buffers.Text;
using System.Text;
using Strata.Ipc;

namespace Strata.Fs.Tests;

/// <summary>A handle serves the capability that opened it and nobody else.</summary>
public sealed class HandleHolderTests
{
    [Fact]
    public async Task A_handle_survives_its_connection()
    {
        await using var node = new FsNode();
        node.Write("file", "still here"u8);
        var capability = node.Grant();
        var first = await node.ConnectAsync(capability);
        var handle = await first.OpenAsync("file");
        await first.DisposeAsync();
        var second = await node.ConnectAsync(capability);
        Assert.Equal("still here", (await second.ReadAsync(handle)).Data);
    }

    [Fact]
    public async Task A_handle_has_128_random_bits()
    {
        await using var node = new FsNode();
        node.Write("file", "x"u8);
        var client = await node.ConnectAsync();
        var handle = await client.OpenAsync("file");
        Assert.Equal(16, Base64Url.DecodeFromChars(handle).Length);
        Assert.NotEqual(handle, await client.OpenAsync("file"));
    }

    [Fact]
    public async Task Another_capabilitys_handle_answers_exactly_like_one_that_never_was()
    {
        await using var node = new FsNode();
        node.Write("file", "mine"u8);
        var owner = await node.ConnectAsync();
        var stranger = await node.ConnectAsync();
        var handle = await owner.OpenAsync("file");
        var unknown = HandleName.New();

        Assert.Equal(await Frame(stranger.TryReadAsync(unknown, reqId: "r")), await Frame(stranger.TryReadAsync(handle, reqId: "r")));
        Assert.Equal((await stranger.TryCloseAsync(unknown)).Error, (await stranger.TryCloseAsync(handle)).Error);
        (await stranger.TryReadAsync(handle)).MustBe(ErrorCode.NotFound, "no_such_handle");
        Assert.Equal("mine", (await owner.ReadAsync(handle)).Data);

        var denied = (await node.AuditAsync()).Where(r => r.GetProperty("event").GetString() == "auth.denied").ToArray();
        Assert.Equal(3, denied.Length);
        Assert.All(denied, r => Assert.Equal("not_holder", r.GetProperty("reason").GetString()));
    }

    [Fact]
    public async Task The_same_capability_id_under_another_subject_is_a_stranger()
    {
        await using var node = new FsNode();
        node.Write("file", "mine"u8);
        var id = new string('a', 32);
        var owner = await node.ConnectAsync(node.Grant(id: id, subject: "alice"));
        var stranger = await node.ConnectAsync(node.Grant(id: id, subject: "bob"));
        var handle = await owner.OpenAsync("file");
        (await stranger.TryReadAsync(handle)).MustBe(ErrorCode.NotFound, "no_such_handle");
        (await stranger.TryCloseAsync(handle)).MustBe(ErrorCode.NotFound, "no_such_handle");
    }

    [Fact]
    public async Task A_closed_handle_is_gone()
    {
        await using var node = new FsNode();
        node.Write("file", "x"u8);
        var client = await node.ConnectAsync();
        var handle = await client.OpenAsync("file");
        Assert.Null((await client.TryCloseAsync(handle)).Error);
        (await client.TryReadAsync(handle)).MustBe(ErrorCode.NotFound, "no_such_handle");
        (await client.TryCloseAsync(handle)).MustBe(ErrorCode.NotFound, "no_such_handle");
        Assert.Equal(0, node.Service.Handles.Count);
    }

    [Fact]
    public async Task Each_method_needs_its_right()
    {
        await using var node = new FsNode();
        node.Write("file", "x"u8);
        var opener = await node.ConnectAsync(node.Grant(rights: ["fs.open"]));
        var handle = await opener.OpenAsync("file");
        (await opener.TryReadAsync(handle)).MustBe(ErrorCode.PermissionDenied, "right_missing");
        (await opener.TryListAsync()).MustBe(ErrorCode.PermissionDenied, "right_missing");
        (await opener.TryStatAsync("file")).MustBe(ErrorCode.PermissionDenied, "right_missing");
        Assert.Null((await opener.TryCloseAsync(handle)).Error);
        var reader = await node.ConnectAsync(node.Grant(rights: ["fs.read"]));
        (await reader.TryOpenAsync("file")).MustBe(ErrorCode.PermissionDenied, "right_missing");
        (await reader.TryCloseAsync(handle)).MustBe(ErrorCode.PermissionDenied, "right_missing");
    }

    [Fact]
    public void Every_method_needs_a_right()
    {
        using var service = new FsService(new FsOptions(), null!, new Policy.RevocationSet(), TimeProvider.System);
        // Its own; who may open may also close, and what begins with another method takes its right.
        var shared = new Dictionary<string, string> 
        {
            ["fs.close"] = "fs.open", ["fs.upload_write"] = "fs.upload", ["fs.upload_commit"] = "fs.upload", ["fs.upload_discard"] = "fs.upload",
        };
        Assert.All(service.Methods, m => Assert.Equal(shared.GetValueOrDefault(m.Name, m.Name), m.Access.RightName));
        Assert.Equal(FsNode.AllRights.Order(StringComparer.Ordinal), service.Methods.SelectMany(m => m.FurtherRights.Append(m.Access.RightName!)).Distinct().Order(StringComparer.Ordinal));
        Assert.All(FsNode.AllRights, right => Assert.Contains($"\"{right}\"", Checkout.Read("lib/Supervision/Manifests/BuiltIn/fs.service.json"), StringComparison.Ordinal));
        Assert.All(service.Methods, m => Assert.Equal(AccessKind.Right, m.Access.Kind));
        Assert.All(service.Methods, m => Assert.Equal(m.Name == "fs.open", m.Describe().ContainsKey("further_rights")));
    }

    private static async Task<string> Frame(Task<RpcResponse> response) => Encoding.UTF8.GetString((await response).Payload.Span);
}
