using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Policy;

namespace Strata.Identity.Tests;

public class RevokeTests
{
    // So long that only a hang would reach it: tests that expect an answer at once do not race with it.
    private static readonly (string, string) LongWait = ("STRATA_REVOKE_WAIT_MS", "60000");
    private static readonly (string, string) ShortWait = ("STRATA_REVOKE_WAIT_MS", "50");

    [Fact]
    public async Task A_revocation_survives_a_kill_right_after_its_answer()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        var issued = await node.IssueAsync(new("fs"));
        var kept = await node.IssueAsync(new("fs"));
        Assert.Equal("revoked", (await node.RevokeAsync(issued.CapId)).Status);

        Scratch.CopyState(scratch["state"], scratch["after-kill"]);
        await using var next = await IdentityNode.StartAsync(scratch["after-kill"]);

        Assert.Equal("revoked", (await next.IntrospectAsync(issued.Token)).Reason);
        Assert.True((await next.IntrospectAsync(kept.Token)).Active);
    }

    [Fact]
    public async Task Each_acknowledged_revocation_survives_a_kill_at_each_step()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            var issued = await node.IssueAsync(new("fs"));
            await node.RevokeAsync(issued.CapId);
            ids.Add(issued.CapId);

            Scratch.CopyState(scratch["state"], scratch[$"kill{i}"]);
            await using var next = await IdentityNode.StartAsync(scratch[$"kill{i}"]);
            await using var verifier = await TestVerifier.StartAsync(next, "fs");
            Assert.Equal(ids.Order(), verifier.Revoked.Order());
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("0123456789abcde")]
    [InlineData("0123456789ABCDEF")]
    [InlineData("0123456789abcdeg")]
    [InlineData("00000000000000000000000000000000000000000000000000000000000000000")]
    public async Task What_is_no_capability_id_is_refused(string id)
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);

        Assert.Equal(ErrorCode.InvalidArgument, (await IdentityNode.FailureOf(node.RevokeAsync(id))).Code);
    }

    [Fact]
    public async Task An_unknown_id_is_revoked_and_revoking_twice_is_the_same()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);

        Assert.Equal(new("revoked"), await node.RevokeAsync(Scratch.Id(1)));
        Assert.Equal(new("revoked"), await node.RevokeAsync(Scratch.Id(1)));
        Assert.Equal(2, File.ReadAllLines(scratch["state/identity/revocations"]).Length);
    }

    [Fact]
    public async Task The_answer_comes_only_after_every_verifier_has_confirmed()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"], LongWait);
        await using var fs = await TestVerifier.StartAsync(node, "fs");
        await using var registry = await TestVerifier.StartAsync(node, "registry");

        var revoking = node.RevokeAsync(Scratch.Id(1));
        await registry.NextChangeAsync();
        await registry.ConfirmAsync();
        Assert.Equal(Scratch.Id(1), Assert.Single((await fs.NextChangeAsync()).Revoked!).CapId);
        Assert.False(revoking.IsCompleted);
        await fs.ConfirmAsync();

        Assert.Null((await revoking).Pending);
    }

    [Fact]
    public async Task A_real_feed_has_the_revocation_when_the_answer_comes()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"], LongWait);
        var feed = new IdentityFeed("fs", node.Environment.Settings, TimeProvider.System, NullLogger.Instance);
        using var stop = new CancellationTokenSource();
        var running = feed.RunAsync(stop.Token);
        await feed.FirstSnapshot;
        var issued = await node.IssueAsync(new("fs"));
        Assert.True(feed.Verifier.Verify(System.Text.Encoding.ASCII.GetBytes(issued.Token), TimeProvider.System.GetUtcNow()).IsVerified);

        Assert.Null((await node.RevokeAsync(issued.CapId)).Pending);

        Assert.Equal(DenyReason.Revoked, feed.Verifier.Verify(System.Text.Encoding.ASCII.GetBytes(issued.Token), TimeProvider.System.GetUtcNow()).Reason);
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task A_hung_verifier_is_named_within_the_bound()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        await using var hung = await TestVerifier.StartAsync(node, "fs");
        await using var alsoHung = await TestVerifier.StartAsync(node, "registry", confirm: false);

        var began = Stopwatch.GetTimestamp();
        var replies = await Task.WhenAll(Enumerable.Range(1, 8).Select(i => node.RevokeAsync(Scratch.Id(i))));

        // Eight at once share one wait of a second; eight in a row would need eight.
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(7.5));
        Assert.All(replies, reply => Assert.Equal(["fs", "registry"], reply.Pending));
    }

    [Fact]
    public async Task A_verifier_that_crashed_is_awaited_and_one_that_said_goodbye_is_not()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"], ShortWait);
        await using var leaving = await TestVerifier.StartAsync(node, "registry");
        var crashing = await TestVerifier.StartAsync(node, "fs");
        await leaving.SayGoodbyeAsync();
        await crashing.DisposeAsync();

        Assert.Equal(["fs"], (await node.RevokeAsync(Scratch.Id(1))).Pending);

        // It comes back, takes the snapshot and confirms: everybody has everything.
        await using var back = await TestVerifier.StartAsync(node, "fs");
        Assert.Equal([Scratch.Id(1)], back.Revoked);
        Assert.Null((await node.RevokeAsync(Scratch.Id(1))).Pending);
    }

    [Fact]
    public async Task A_verifier_is_no_longer_awaited_once_it_denies_by_itself()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"], LongWait, ("STRATA_STALENESS_MS", "300"));
        await (await TestVerifier.StartAsync(node, "fs")).DisposeAsync();

        Assert.Null((await node.RevokeAsync(Scratch.Id(1))).Pending);
    }

    [Fact]
    public async Task After_a_restart_the_verifiers_of_the_previous_run_are_awaited()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        await using var fs = await TestVerifier.StartAsync(node, "fs");
        await using var gone = await TestVerifier.StartAsync(node, "gone");
        await gone.SayGoodbyeAsync();
        Scratch.CopyState(scratch["state"], scratch["after-kill"]);

        await using var next = await IdentityNode.StartAsync(scratch["after-kill"], ShortWait);

        // Whether the goodbye reached the disk before the kill is a race that errs on the safe side; fs is certain.
        Assert.Contains("fs", (await next.RevokeAsync(Scratch.Id(1))).Pending!);
    }

    [Fact]
    public async Task A_clean_restart_does_not_forget_who_was_watching()
    {
        using var scratch = new Scratch();
        await using (var node = await IdentityNode.StartAsync(scratch["state"]))
        {
            _ = await TestVerifier.StartAsync(node, "fs");
        }

        await using var next = await IdentityNode.StartAsync(scratch["state"], ShortWait);

        Assert.Equal(["fs"], (await next.RevokeAsync(Scratch.Id(1))).Pending);
    }

    [Fact]
    public async Task On_a_full_disk_the_answer_says_so_and_nothing_is_half_done()
    {
        using var scratch = new Scratch();
        using var disk = SmallDisk.TryMount(scratch["disk"], 128 * 1024);
        Assert.SkipWhen(disk is null, "mounting a small file system needs root");
        await using var node = await IdentityNode.StartAsync(scratch["disk/state"]);
        await using (var ballast = new FileStream(scratch["disk/ballast"], FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            Assert.ThrowsAny<IOException>(() => Enumerable.Range(0, 10_000).ToList().ForEach(_ => ballast.Write(new byte[4096])));
        }

        var acknowledged = new List<string>();
        RpcError? refused = null;
        for (var i = 1; refused?.Reason != "storage_full"; i++)
        {
            Assert.True(i < 500, "the disk never filled");
            try
            {
                await node.RevokeAsync(Scratch.Id(i));
                acknowledged.Add(Scratch.Id(i));
            }
            catch (RpcException e)
            {
                // Until the log's own page is full the revocation holds and only its audit record is missing.
                refused = e.Error;
                acknowledged.AddRange(refused.Reason == "audit_unavailable" ? [Scratch.Id(i)] : []);
            }
        }

        Assert.Equal(ErrorCode.ResourceExhausted, refused!.Code);
        Scratch.CopyState(scratch["disk/state"], scratch["after-kill"]);
        await using var next = await IdentityNode.StartAsync(scratch["after-kill"]);
        await using var verifier = await TestVerifier.StartAsync(next, "fs");
        Assert.Equal(acknowledged, verifier.Revoked.Order());
    }

    [Fact]
    public async Task A_second_identity_on_the_same_state_is_refused()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);

        await Assert.ThrowsAsync<SettingsException>(() => IdentityNode.StartAsync(scratch["state"]));
    }
}
