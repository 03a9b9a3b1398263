using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Identity.Tests;

public class AttenuateTests
{
    private static readonly IssueParams Root = new("fs", Rights: ["fs.open", "fs.read", "fs.list"], PathPrefix: "/srv/data", TtlSeconds: 600, RateLimit: "50rps", Subject: "alice");

    [Fact]
    public async Task Any_holder_derives_a_narrower_capability_with_its_own_token()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        var root = await node.IssueAsync(Root);

        var child = await node.AttenuateAsync(root.Token, new(["fs.read"], PathPrefix: "/srv/data/in", TtlSeconds: 60, Subject: "helper", MaxBytes: 4096));
        var grandchild = await node.AttenuateAsync(child.Token, new(Uid: 1000));

        var seen = await node.IntrospectAsync(grandchild.Token);
        Assert.True(seen.Active);
        Assert.Equal(["fs.read"], seen.Rights!);
        Assert.Equal(new CapabilityLimits("/srv/data/in", "50rps", MaxBytes: 4096, Uid: 1000), seen.Constraints);
        Assert.Equal([root.CapId, child.CapId], seen.Chain!);
        Assert.Equal("helper", seen.Sub);
        Assert.Equal(child.Expires, grandchild.Expires);
    }

    [Fact]
    public async Task More_than_the_holder_has_is_denied_by_field_and_audited()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        var root = await node.IssueAsync(Root);

        var error = await IdentityNode.FailureOf(node.AttenuateAsync(root.Token, new(["fs.read", "fs.write"])));

        Assert.Equal((ErrorCode.PermissionDenied, "exceeds_authority"), (error.Code, error.Reason));
        Assert.Contains(error.Details, d => d is { Key: "field", Value: "rights[1]" });
        await node.Environment.Audit.CommitAsync(new Strata.Hosting.AuditRecord("test", "allowed"));
        var audit = await File.ReadAllTextAsync(Path.Combine(node.Environment.Settings.AuditDir, "identity.jsonl"));
        Assert.Contains("exceeds_authority", audit, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_derives_from_nothing_from_garbage_or_from_what_is_revoked()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        var root = await node.IssueAsync(Root);
        await node.RevokeAsync(root.CapId);

        Assert.Equal("missing_token", (await IdentityNode.FailureOf(node.AttenuateAsync(null))).Reason);
        Assert.Equal("malformed_token", (await IdentityNode.FailureOf(node.AttenuateAsync("v2.public.AAAA"))).Reason);
        Assert.Equal("revoked", (await IdentityNode.FailureOf(node.AttenuateAsync(root.Token))).Reason);
    }

    [Fact]
    public async Task A_capability_that_denies_the_method_or_is_of_another_user_is_not_passed_on()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        var final = await node.IssueAsync(Root with { MethodsDenied = ["identity.attenuate"] });
        var foreign = await node.IssueAsync(Root with { Uid = 4_000_000_000 });

        Assert.Equal("method_denied", (await IdentityNode.FailureOf(node.AttenuateAsync(final.Token))).Reason);
        Assert.Equal("wrong_uid", (await IdentityNode.FailureOf(node.AttenuateAsync(foreign.Token))).Reason);
    }

    [Fact]
    public async Task Revoking_a_capability_ends_all_that_came_of_it_whichever_way()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        var root = await node.IssueAsync(Root with { Rights = ["fs.read", "identity.issue"] });
        var derived = await node.AttenuateAsync(root.Token, new(["fs.read"]));
        var further = await node.AttenuateAsync(derived.Token);
        var issued = await node.IssueAsync(new IssueParams("fs", Rights: ["fs.read"], RateLimit: "1rps", TtlSeconds: 60), root.Token);
        var unrelated = await node.IssueAsync(Root);

        await node.RevokeAsync(root.CapId);

        foreach (var token in new[] { root.Token, derived.Token, further.Token, issued.Token })
        {
            Assert.Equal((false, "revoked"), await ActiveAsync(node, token));
        }

        Assert.True((await node.IntrospectAsync(unrelated.Token)).Active);
    }

    [Fact]
    public async Task A_chain_ends_at_its_limit()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        var at = await node.IssueAsync(Root);
        for (var depth = 0; depth < 8; depth++)
        {
            at = await node.AttenuateAsync(at.Token);
        }

        var error = await IdentityNode.FailureOf(node.AttenuateAsync(at.Token));
        Assert.Contains("at most 8 deep", error.Message, StringComparison.Ordinal);
    }

    private static async Task<(bool Active, string? Reason)> ActiveAsync(IdentityNode node, string token)
    {
        var seen = await node.IntrospectAsync(token);
        return (seen.Active, seen.Reason);
    }
}
