using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Fs.Tests;

/// <summary>Handles are bounded for each capability and in all, and closing makes room.</summary>
public sealed class HandleLimitTests
{
    [Fact]
    public void The_documented_bounds_are_the_defaults() =>
        Assert.Equal((64, 4096), (new FsOptions().MaxHandlesPerCapability, new FsOptions().MaxHandles));

    [Fact]
    public async Task A_capability_has_64_handles_and_not_65()
    {
        await using var node = new FsNode();
        node.Write("file", "x"u8);
        var client = await node.ConnectAsync();
        var handles = new List<string>();
        for (var i = 0; i < 64; i++)
        {
            handles.Add(await client.OpenAsync("file"));
        }

        (await client.TryOpenAsync("file")).MustBe(ErrorCode.ResourceExhausted, "quota_exceeded");
        Assert.Equal(64, handles.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(64, node.Service.Handles.Count);
        var other = await node.ConnectAsync();
        await other.OpenAsync("file");

        Assert.Null((await client.TryCloseAsync(handles[0])).Error);
        await client.OpenAsync("file");
        (await client.TryOpenAsync("file")).MustBe(ErrorCode.ResourceExhausted, "quota_exceeded");
    }

    [Fact]
    public async Task The_service_has_its_number_of_handles_and_not_one_more()
    {
        await using var node = new FsNode(new FsOptions { MaxHandles = 6, MaxHandlesPerCapability = 4 });
        node.Write("file", "x"u8);
        var first = await node.ConnectAsync();
        var second = await node.ConnectAsync();
        for (var i = 0; i < 3; i++)
        {
            await first.OpenAsync("file");
            await second.OpenAsync("file");
        }

        (await first.TryOpenAsync("file")).MustBe(ErrorCode.ResourceExhausted, "handles_exhausted");
        Assert.Equal(6, node.Service.Handles.Count);
    }

    [Fact]
    public async Task Many_opens_at_once_stay_within_the_bound()
    {
        await using var node = new FsNode(new FsOptions { MaxHandlesPerCapability = 8 });
        node.Write("file", "x"u8);
        var capability = node.Grant();
        var clients = new List<FsClient>();
        for (var i = 0; i < 4; i++)
        {
            clients.Add(await node.ConnectAsync(capability));
        }

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => clients[i % 4].TryOpenAsync("file")));
        Assert.Equal(8, answers.Count(a => a.Error is null));
        Assert.Equal(8, node.Service.Handles.Count);
    }

    [Fact]
    public async Task Handles_of_expired_capabilities_make_room()
    {
        await using var node = new FsNode(new FsOptions { MaxHandles = 1 });
        node.Write("file", "x"u8);
        var brief = await node.ConnectAsync(node.Grant(ttl: TimeSpan.FromMinutes(1)));
        var client = await node.ConnectAsync();
        await brief.OpenAsync("file");
        (await client.TryOpenAsync("file")).MustBe(ErrorCode.ResourceExhausted, "handles_exhausted");
        node.Time.Advance(TimeSpan.FromMinutes(10));
        await client.OpenAsync("file");
        Assert.Equal(1, node.Service.Handles.Count);
    }
}
