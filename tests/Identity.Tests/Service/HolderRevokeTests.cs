using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Identity.Tests;

/// <summary>Who hands on less of its own authority takes it back by itself, and reaches nobody else's.</summary>
public sealed class HolderRevokeTests : IAsyncLifetime
{
    private static readonly IssueParams Root = new("fs", Rights: ["fs.open", "fs.read"], PathPrefix: "/srv/data", TtlSeconds: 600, Subject: "alice");

    private readonly Scratch _scratch = new();
    private IdentityNode _node = null!;

    public async ValueTask InitializeAsync() => _node = await IdentityNode.StartAsync(_scratch["state"]);

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        _scratch.Dispose();
    }

    [Fact]
    public async Task A_holder_takes_back_what_was_derived_from_its_own_and_all_below_it()
    {
        var root = await _node.IssueAsync(Root);
        var child = await _node.AttenuateAsync(root.Token, new(["fs.read"]));
        var grandchild = await _node.AttenuateAsync(child.Token);
        var other = await _node.AttenuateAsync(root.Token);

        Assert.Equal("revoked", (await _node.RevokeAsync(child.CapId, root.Token)).Status);
        Assert.Equal("revoked", (await _node.RevokeAsync(child.CapId, root.Token)).Status);

        Assert.Equal("revoked", (await _node.IntrospectAsync(child.Token)).Reason);
        Assert.Equal("revoked", (await _node.IntrospectAsync(grandchild.Token)).Reason);
        Assert.True((await _node.IntrospectAsync(other.Token)).Active);
        Assert.True((await _node.IntrospectAsync(root.Token)).Active);
    }

    [Fact]
    public async Task A_grandchild_is_reached_from_the_root_and_a_renewed_child_as_well()
    {
        var root = await _node.IssueAsync(Root);
        var child = await _node.AttenuateAsync(root.Token, new(TtlSeconds: 60));
        var grandchild = await _node.AttenuateAsync(child.Token);
        var renewed = await _node.RenewAsync(child.Token, 120);

        await _node.RevokeAsync(grandchild.CapId, root.Token);
        Assert.True((await _node.IntrospectAsync(child.Token)).Active);
        await _node.RevokeAsync(child.CapId, root.Token);
        Assert.Equal("revoked", (await _node.IntrospectAsync(renewed.Token)).Reason);
    }

    [Fact]
    public async Task A_holder_gives_up_its_own_capability_and_is_told_so()
    {
        var root = await _node.IssueAsync(Root);
        var child = await _node.AttenuateAsync(root.Token);

        Assert.Equal("revoked", (await _node.RevokeAsync(child.CapId, child.Token)).Status);

        Assert.Equal("revoked", (await IdentityNode.FailureOf(_node.RevokeAsync(child.CapId, child.Token))).Reason);
        Assert.True((await _node.IntrospectAsync(root.Token)).Active);
    }

    [Fact]
    public async Task Sibling_ancestor_foreign_and_unknown_are_refused_alike_and_stay()
    {
        var root = await _node.IssueAsync(Root);
        var mine = await _node.AttenuateAsync(root.Token);
        var sibling = await _node.AttenuateAsync(root.Token);
        var foreign = await _node.IssueAsync(Root);
        var revoked = await _node.IssueAsync(Root);
        await _node.RevokeAsync(revoked.CapId);

        var answers = new List<RpcError>();
        foreach (var id in new[] { sibling.CapId, root.CapId, foreign.CapId, revoked.CapId, Scratch.Id(7) })
        {
            answers.Add(await IdentityNode.FailureOf(_node.RevokeAsync(id, mine.Token)));
        }

        Assert.Equal((ErrorCode.PermissionDenied, "right_missing"), (answers[0].Code, answers[0].Reason));
        Assert.All(answers, a => Assert.Equal((answers[0].Message, answers[0].Code), (a.Message, a.Code)));
        Assert.All(answers, a => Assert.Equal(answers[0].Details, a.Details));
        foreach (var token in new[] { sibling.Token, root.Token, foreign.Token, mine.Token })
        {
            Assert.True((await _node.IntrospectAsync(token)).Active);
        }
    }

    [Fact]
    public async Task Nothing_but_a_cap_id_is_revoked_without_the_right()
    {
        var root = await _node.IssueAsync(Root with { Template = null });
        foreach (var wish in new RevokeParams[] { new(Subject: "alice"), new(Template: "t"), new(Key: "kid"), new(Before: "2020-01-01T00:00:00Z") })
        {
            Assert.Equal("right_missing", (await IdentityNode.FailureOf(_node.RevokeAsync(wish, root.Token))).Reason);
        }
    }

    [Fact]
    public async Task The_right_counts_only_in_a_capability_for_identity()
    {
        var victim = await _node.IssueAsync(Root);
        var pretender = await _node.IssueAsync(Root with { Rights = ["fs.read", "identity.revoke"] });
        var legacy = await _node.IssueAsync(new("fs", ["revoke"]));
        Assert.Equal("right_missing", (await IdentityNode.FailureOf(_node.RevokeAsync(victim.CapId, pretender.Token))).Reason);
        Assert.Equal("right_missing", (await IdentityNode.FailureOf(_node.RevokeAsync(victim.CapId, legacy.Token))).Reason);

        var revoker = await _node.IssueAsync(new("identity", Rights: ["identity.revoke"]));
        Assert.Equal("revoked", (await _node.RevokeAsync(victim.CapId, revoker.Token)).Status);
    }

    [Fact]
    public async Task A_chain_that_identity_did_not_sign_reaches_nothing()
    {
        using var elsewhere = new Scratch();
        await using var other = await IdentityNode.StartAsync(elsewhere["state"]);
        var root = await _node.IssueAsync(Root);
        var child = await _node.AttenuateAsync(root.Token);

        // The same words under another node's key, and the right words with a letter changed.
        var foreign = await other.IssueAsync(Root);
        var altered = root.Token[..60] + (root.Token[60] == 'A' ? 'B' : 'A') + root.Token[61..];
        foreach (var forged in new[] { foreign.Token, altered })
        {
            Assert.Equal(ErrorCode.Unauthenticated, (await IdentityNode.FailureOf(_node.RevokeAsync(child.CapId, forged))).Code);
        }

        Assert.True((await _node.IntrospectAsync(child.Token)).Active);
    }

    [Fact]
    public async Task A_capability_that_denies_the_method_revokes_not_even_itself()
    {
        var bound = await _node.IssueAsync(Root with { MethodsDenied = ["identity.revoke"] });
        Assert.Equal("method_denied", (await IdentityNode.FailureOf(_node.RevokeAsync(bound.CapId, bound.Token))).Reason);
    }

    [Fact]
    public async Task Who_may_revoke_is_in_the_audit_log_by_its_own_capability()
    {
        var root = await _node.IssueAsync(Root);
        var child = await _node.AttenuateAsync(root.Token, new(Subject: "agent"));
        await _node.RevokeAsync(child.CapId, root.Token);
        await IdentityNode.FailureOf(_node.RevokeAsync(Scratch.Id(7), root.Token));

        await _node.Environment.Audit.CommitAsync(new Strata.Hosting.AuditRecord("test", "allowed"));
        var lines = await File.ReadAllLinesAsync(Path.Combine(_node.Environment.Settings.AuditDir, "identity.jsonl"));
        Assert.Contains(lines, l => l.Contains("cap.revoked", StringComparison.Ordinal) && l.Contains(child.CapId, StringComparison.Ordinal) && l.Contains("alice", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.Contains("right_missing", StringComparison.Ordinal) && l.Contains(Scratch.Id(7), StringComparison.Ordinal));
    }
}
