using Strata.Contracts;
using Strata.Ipc;
using Strata.Policy;

namespace Strata.Sandbox.Tests;

/// <summary>The methods over a real socket.</summary>
public sealed class ImageMethodTests
{
    private static readonly string[] Rights = ["sandbox.image", "sandbox.image_manage", "sandbox.create"];

    [Fact]
    public async Task An_archive_is_uploaded_in_pieces_imported_inspected_used_and_deleted()
    {
        await using var node = await SandboxNode.StartAsync(time: TimeProvider.System);
        var client = await node.ConnectAsync(node.Grant(rights: Rights));
        var layout = new OciLayoutMaker().Layer(new TarMaker().File("hello", "x").Done());
        var image = await ImportAsync(client, layout.Tar(layout.Index((OciLayoutMaker.Architecture, layout.Manifest()))), "team/app:1");
        Assert.Equal(["team/app:1"], image.Names);

        var list = await client.GetAsync("image_list", "{}", ContractsJson.Default.SandboxImageList);
        Assert.Equal(image.Digest, Assert.Single(list.Images).Digest);
        var details = await client.GetAsync("image_inspect", """{"image":"team/app:1"}""", ContractsJson.Default.SandboxImageDetails);
        Assert.Equal(("A=b", "/srv", "1000"), (details.Environment[0], details.WorkingDirectory, details.User));
        Assert.True((await client.GetAsync("image_validate", """{"image":"team/app:1"}""", ContractsJson.Default.SandboxImageValidateResult)).Good);

        await client.CreateAsync("""{"session":"s","image":"team/app:1"}""");
        await client.ErrorAsync("image_delete", """{"image":"team/app:1"}""", ErrorCode.Conflict, "image_in_use");
        Assert.Single(Assert.Single(node.Engine.Alive).Plan.Layers);
        await client.StatusAsync("close", "s");
        var removed = await client.GetAsync("image_delete", """{"image":"team/app:1"}""", ContractsJson.Default.SandboxImageRemoved);
        Assert.Equal([image.Digest], removed.Images);
        await client.ErrorAsync("create", """{"session":"t","image":"team/app:1"}""", ErrorCode.NotFound, "image_not_found");
    }

    [Fact]
    public async Task A_session_keeps_its_image_when_the_name_moves_and_the_service_dies()
    {
        await using var node = await SandboxNode.StartAsync(time: TimeProvider.System);
        var capability = node.Grant(rights: Rights);
        var client = await node.ConnectAsync(capability);
        await ImportAsync(client, new TarMaker().File("one").Done(), "app");
        await client.CreateAsync("""{"session":"s","image":"app"}""");
        var layers = Assert.Single(node.Engine.Alive).Plan.Layers;
        await ImportAsync(client, new TarMaker().File("two").Done(), "app");
        await node.CrashAsync();
        client = await node.ConnectAsync(capability);
        Assert.Equal("running", (await client.InfoAsync("s")).State);
        Assert.Equal(2, node.Engine.Made);
        Assert.All(node.Engine.Alive, sandbox => Assert.Equal(layers, sandbox.Plan.Layers));
        Assert.Empty((await client.GetAsync("image_prune", """{"all":false}""", ContractsJson.Default.SandboxImageRemoved)).Images);
        await client.StatusAsync("close", "s");
        Assert.Single((await client.GetAsync("image_prune", """{"all":false}""", ContractsJson.Default.SandboxImageRemoved)).Images);
    }

    [Fact]
    public async Task A_capability_for_some_images_reaches_no_other_by_no_name()
    {
        await using var node = await SandboxNode.StartAsync(time: TimeProvider.System);
        var all = await node.ConnectAsync(node.Grant(rights: Rights));
        var mine = await ImportAsync(all, new TarMaker().File("mine").Done(), "mine");
        var other = await ImportAsync(all, new TarMaker().File("other").Done(), "other");
        var some = await node.ConnectAsync(node.Grant(rights: Rights, bounds: SandboxBounds.None with { Images = NameList.Of(["mine*"]) }));
        Assert.Equal([mine.Digest], (await some.GetAsync("image_list", "{}", ContractsJson.Default.SandboxImageList)).Images.Select(image => image.Digest));
        foreach (var name in new[] { "other", other.Digest, "other:latest" })
        {
            await some.ErrorAsync("image_inspect", $$"""{"image":"{{name}}"}""", ErrorCode.PermissionDenied, "image_denied");
            await some.ErrorAsync("image_delete", $$"""{"image":"{{name}}"}""", ErrorCode.PermissionDenied, "image_denied");
        }

        await some.ErrorAsync("image_inspect", $$"""{"image":"mine@{{other.Digest}}"}""", ErrorCode.NotFound, "image_not_found");
        await some.ErrorAsync("image_prune", "{}", ErrorCode.PermissionDenied, "image_denied");
        await some.ErrorAsync("image_pull", """{"image":"docker.io/library/alpine"}""", ErrorCode.PermissionDenied, "image_denied");
    }

    [Fact]
    public async Task What_cannot_be_is_answered_in_words()
    {
        await using var node = await SandboxNode.StartAsync(time: TimeProvider.System, options: o => o with { Images = new ImageOptions { MaxUploads = 1, MaxPackedBytes = 4 } });
        var client = await node.ConnectAsync(node.Grant(rights: Rights));
        await client.ErrorAsync("image_pull", """{"image":"docker.io/library/alpine"}""", ErrorCode.PermissionDenied, "registry_denied");
        await client.ErrorAsync("image_pull", """{"image":"alpine"}""", ErrorCode.InvalidArgument, "bad_image_name");
        await client.ErrorAsync("image_delete", """{"image":"host"}""", ErrorCode.InvalidArgument, "image_built_in");
        await client.ErrorAsync("image_import", """{"upload":"u","name":"x","size":1}""", ErrorCode.NotFound, "upload_not_found");
        await client.ErrorAsync("image_import", """{"upload":"u","name":"host","size":1}""", ErrorCode.InvalidArgument, "bad_image_name");
        Assert.Contains(new("offset", "0"), (await client.ErrorAsync("image_upload", """{"upload":"u","offset":1,"data_b64":"AAAA"}""", ErrorCode.Conflict, "upload_offset")).Details);
        Assert.Equal(3, (await client.GetAsync("image_upload", """{"upload":"u","offset":0,"data_b64":"AAAA"}""", ContractsJson.Default.SandboxImageUploadResult)).Offset);
        Assert.Equal(4, (await client.GetAsync("image_upload", """{"upload":"u","offset":3,"data_b64":"AA=="}""", ContractsJson.Default.SandboxImageUploadResult)).Offset);
        await client.ErrorAsync("image_upload", """{"upload":"u","offset":4,"data_b64":"AA=="}""", ErrorCode.ResourceExhausted, "image_store_full");
        await client.ErrorAsync("image_upload", """{"upload":"v","offset":0,"data_b64":"AA=="}""", ErrorCode.ResourceExhausted, "too_many_transfers");
        Assert.Contains(new("offset", "4"), (await client.ErrorAsync("image_upload", """{"upload":"u","offset":9,"data_b64":""}""", ErrorCode.Conflict, "upload_offset")).Details);
        await client.ErrorAsync("image_import", """{"upload":"u","name":"x","size":3}""", ErrorCode.Conflict, "upload_offset");
        var refused = await client.StreamAsync("image_import", """{"upload":"u","name":"x","size":4}""").LastAsync();
        Assert.Equal((ErrorCode.InvalidArgument, "image_refused"), (refused.Error?.Code, refused.Error?.Reason));
        var reader = await node.ConnectAsync(node.Grant(rights: ["sandbox.image"]));
        Assert.Equal(ErrorCode.PermissionDenied, (await reader.CallAsync("image_prune")).Error?.Code);
    }

    internal static async Task<SandboxImage> ImportAsync(SandboxClient client, byte[] archive, string name)
    {
        const int Piece = 300_000;
        for (int at = 0; at < archive.Length; at += Piece)
        {
            var piece = Convert.ToBase64String(archive.AsSpan(at, Math.Min(Piece, archive.Length - at)));
            await client.GetAsync("image_upload", $$"""{"upload":"u","offset":{{at}},"data_b64":"{{piece}}"}""", ContractsJson.Default.SandboxImageUploadResult);
        }

        SandboxImageProgress? last = null;
        await foreach (var item in client.StreamAsync("image_import", $$"""{"upload":"u","name":"{{name}}","size":{{archive.Length}}}"""))
        {
            last = item.Error is { } error ? throw new RpcException(error) : item.Continues ? item.Get(ContractsJson.Default.SandboxImageProgress) : last;
        }

        Assert.Equal("done", last?.Phase);
        return last!.Image!;
    }
}
