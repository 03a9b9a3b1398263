using System.Diagnostics;
using System.Globalization;
using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Identity.Tests;

public class RevokeByRuleTests
{
    private static readonly IssueParams Alice = new("fs", Rights: ["fs.read"], Subject: "alice");

    [Fact]
    public async Task A_subject_is_revoked_with_all_that_came_of_it_and_may_be_issued_to_at_once()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        var alice = await node.IssueAsync(Alice);
        var helper = await node.AttenuateAsync(alice.Token, new(Subject: "helper"));
        var bob = await node.IssueAsync(Alice with { Subject = "bob" });

        Assert.Equal("revoked", (await node.RevokeAsync(new RevokeParams(Subject: "alice"))).Status);
        Assert.Equal("revoked", (await node.RevokeAsync(new RevokeParams(Subject: "alice"))).Status);
        var anew = await node.IssueAsync(Alice);

        Assert.Equal("revoked", (await node.IntrospectAsync(alice.Token)).Reason);
        Assert.Equal("revoked", (await node.IntrospectAsync(helper.Token)).Reason);
        Assert.True((await node.IntrospectAsync(bob.Token)).Active);
        Assert.True((await node.IntrospectAsync(anew.Token)).Active);
        Assert.Equal("revoked", (await IdentityNode.FailureOf(node.AttenuateAsync(alice.Token))).Reason);
    }

    [Fact]
    public async Task Everything_up_to_a_time_goes_and_holds_after_a_kill()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        var old = await node.IssueAsync(Alice);

        await node.RevokeAsync(new RevokeParams(Before: DateTimeOffset.UtcNow.ToString("O", CultureInfo.InvariantCulture)));

        Scratch.CopyState(scratch["state"], scratch["after-kill"]);
        await using var next = await IdentityNode.StartAsync(scratch["after-kill"]);
        Assert.Equal("revoked", (await next.IntrospectAsync(old.Token)).Reason);
        Assert.True((await next.IntrospectAsync((await next.IssueAsync(Alice)).Token)).Active);
    }

    [Fact]
    public async Task Verifiers_hear_of_rules_in_the_snapshot_and_as_they_change_before_the_answer()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"], ("STRATA_REVOKE_WAIT_MS", "60000"));
        await using var first = await TestVerifier.StartAsync(node, "fs");

        var revoking = node.RevokeAsync(new RevokeParams(Template: "agent"));
        var change = await first.NextChangeAsync();
        Assert.False(revoking.IsCompleted);
        await first.ConfirmAsync();

        Assert.Null((await revoking).Pending);
        Assert.Equal(("template", "agent"), Assert.Single(change.Rules!.Select(r => (r.Scope, r.Value))));
        await using var second = await TestVerifier.StartAsync(node, "other");
        Assert.Equal("agent", Assert.Single(second.Rules).Value);
    }

    [Fact]
    public async Task The_key_that_signs_is_not_revoked_before_another_does()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        await using var verifier = await TestVerifier.StartAsync(node, "fs");

        var error = await IdentityNode.FailureOf(node.RevokeAsync(new RevokeParams(Key: verifier.Keys[0].Kid)));

        Assert.Equal((ErrorCode.Conflict, "key_in_use"), (error.Code, error.Reason));
    }

    [Fact]
    public async Task A_live_stream_ends_when_the_capability_behind_it_or_one_above_is_revoked()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        var holder = await node.IssueAsync(new("identity", Rights: ["identity.watch"], Subject: "watcher"));
        var child = await node.AttenuateAsync(holder.Token);
        await using var client = await node.ConnectAsync();
        var request = RpcRequest.Of("identity.watch", new WatchParams("observer"), ContractsJson.Default.WatchParams) with { Token = child.Token };
        await using var frames = client.StreamAsync(request).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await frames.MoveNextAsync());

        var revoking = node.RevokeAsync(holder.CapId);
        var began = Stopwatch.GetTimestamp();
        RpcError? last = null;
        while (last is null && await frames.MoveNextAsync())
        {
            last = frames.Current.Error;
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"closed after {Stopwatch.GetElapsedTime(began).TotalMilliseconds:0.0} ms");
        Assert.Equal((ErrorCode.Unauthenticated, "revoked"), (last?.Code, last?.Reason));
        Assert.Equal("revoked", (await revoking).Status);
    }

    public static TheoryData<RevokeParams, string> Malformed => new()
    {
        { new(), "one of" },
        { new("0011223344556677", Subject: "alice"), "one only" },
        { new(Subject: "two words"), "subject" },
        { new(Template: "Agent"), "template" },
        { new(Key: "*"), "key" },
        { new(Before: "yesterday"), "before" },
        { new(Before: "2999-01-01T00:00:00Z"), "future" },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task What_names_nothing_or_too_much_is_refused(RevokeParams what, string expected)
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);

        var error = await IdentityNode.FailureOf(node.RevokeAsync(what));

        Assert.Equal(ErrorCode.InvalidArgument, error.Code);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }
}
