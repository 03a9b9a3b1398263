using Strata.Ipc;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Fs.Tests;

/// <summary>Handles end with their capability, by revocation or expiry, and the token is judged before the handle.</summary>
public sealed class HandleLifetimeTests
{
    [Fact]
    public async Task A_revocation_closes_the_capabilitys_handles_and_no_others()
    {
        await using var node = new FsNode();
        node.Write("file", "x"u8);
        var capability = node.Grant();
        var client = await node.ConnectAsync(capability);
        var other = await node.ConnectAsync();
        var handle = await client.OpenAsync("file");
        await client.OpenAsync("file");
        var kept = await other.OpenAsync("file");

        node.Revoke(capability);
        Assert.Equal(1, node.Service.Handles.Count);
        (await client.TryReadAsync(handle)).MustBe(ErrorCode.Unauthenticated, "revoked");
        (await client.TryOpenAsync("file")).MustBe(ErrorCode.Unauthenticated, "revoked");
        Assert.Equal("x", (await other.ReadAsync(kept)).Data);

        var closed = (await node.AuditAsync()).Where(r => r.GetProperty("event").GetString() == "fs.close").ToArray();
        Assert.Equal(2, closed.Count(r => r.GetProperty("reason").GetString() == "revoked" && r.GetProperty("cap_id").GetString() == capability.Claims.CapabilityId));
    }

    [Fact]
    public async Task A_snapshot_closes_the_handles_of_all_it_revokes()
    {
        await using var node = new FsNode();
        node.Write("file", "x"u8);
        var capability = node.Grant();
        var client = await node.ConnectAsync(capability);
        var other = await node.ConnectAsync();
        await client.OpenAsync("file");
        await other.OpenAsync("file");
        node.Revocations.Replace([new RevokedCapability(capability.Claims.CapabilityId, capability.Claims.ExpiresAt)]);
        node.Service.Handles.CloseRevoked();
        Assert.Equal(1, node.Service.Handles.Count);
    }

    [Fact]
    public async Task A_handle_that_comes_in_behind_the_sweep_of_a_revocation_is_closed_at_once()
    {
        await using var node = new FsNode();
        node.Write("file", "x"u8);
        var capability = node.Grant();
        node.Revoke(capability);
        using var root = BeneathRoot.Open(node.Root);
        var file = new OpenFile(new FileDescriptor(root.TryOpenFile("file"u8, out _)), capability.Claims, "file");
        Assert.Equal("revoked", node.Service.Handles.Admit(file)?.Reason);
        Assert.Equal(0, node.Service.Handles.Count);
        Assert.False(file.TryHold(out _));
    }

    [Fact]
    public async Task Expiry_closes_handles_by_the_timer_alone()
    {
        await using var node = new FsNode();
        node.Write("file", "x"u8);
        using var stopping = new CancellationTokenSource();
        var sweeping = node.Service.Handles.SweepAsync(stopping.Token);
        var client = await node.ConnectAsync(node.Grant(ttl: TimeSpan.FromMinutes(1)));
        var kept = await node.ConnectAsync(node.Grant(ttl: TimeSpan.FromHours(1)));
        var handle = await client.OpenAsync("file");
        await kept.OpenAsync("file");
        node.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.True(SpinWait.SpinUntil(() => node.Service.Handles.Count == 1, TimeSpan.FromSeconds(60)));
        (await client.TryReadAsync(handle)).MustBe(ErrorCode.Unauthenticated, "expired");
        await stopping.CancelAsync();
        await sweeping;
    }

    [Fact]
    public async Task A_handle_lives_as_long_as_its_token_is_good()
    {
        await using var node = new FsNode();
        node.Write("file", "x"u8);
        var client = await node.ConnectAsync(node.Grant(ttl: TimeSpan.FromMinutes(1)));
        var handle = await client.OpenAsync("file");
        node.Time.Advance(TimeSpan.FromMinutes(1) + (ClockSkew.Default / 2));
        node.Service.Handles.CloseExpired();
        Assert.Equal("x", (await client.ReadAsync(handle)).Data);
        node.Time.Advance(ClockSkew.Default);
        Assert.Equal(1, node.Service.Handles.CloseExpired());
    }

    [Fact]
    public async Task Closing_under_a_reader_never_lets_it_read_a_strangers_descriptor()
    {
        await using var node = new FsNode();
        node.Write("mine", "mine"u8);
        node.Write("theirs", "theirs"u8);
        var mine = await node.ConnectAsync();
        var theirs = await node.ConnectAsync();
        for (var round = 0; round < 200; round++)
        {
            var handle = await mine.OpenAsync("mine");
            var reads = Enumerable.Range(0, 8).Select(_ => mine.TryReadAsync(handle)).ToArray();
            var closing = mine.TryCloseAsync(handle);
            var other = await theirs.OpenAsync("theirs");
            foreach (var read in await Task.WhenAll(reads))
            {
                Assert.True(read.Error?.Reason == "no_such_handle" || read.Get(Contracts.ContractsJson.Default.ReadResult).Data == "mine");
            }

            await closing;
            await theirs.TryCloseAsync(other);
        }
    }
}
