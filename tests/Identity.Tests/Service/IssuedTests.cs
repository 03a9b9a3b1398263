using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;

namespace Strata.Identity.Tests;

public class IssuedTests
{
    private static readonly IssueParams Root = new("fs", Rights: ["fs.read", "fs.list"], PathPrefix: "/srv", TtlSeconds: 600, Subject: "alice");

    [Fact]
    public async Task What_is_issued_is_listed_and_shown_and_no_token_is_told()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        var root = await node.IssueAsync(Root);
        var child = await node.AttenuateAsync(root.Token, new(["fs.read"], Subject: "helper"));
        await node.RevokeAsync(child.CapId);

        var list = await node.ListAsync();
        Assert.Equal([(root.CapId, "alice", false), (child.CapId, "helper", true)], list.Capabilities.Select(c => (c.CapId, c.Subject, c.Revoked)));
        Assert.Equal(child.CapId, Assert.Single((await node.ListAsync(new IssuedListParams(Parent: root.CapId))).Capabilities).CapId);
        var shown = await node.ShowAsync(child.CapId);
        Assert.Equal([root.CapId], shown.Chain!);
        Assert.Equal("/srv", shown.Constraints!.PathPrefix);
        Assert.Equal(1, (await node.ShowAsync(root.CapId)).Derived);
        Assert.Equal(ErrorCode.NotFound, (await IdentityNode.FailureOf(node.ShowAsync(Scratch.Id(1)))).Code);
        Assert.Equal(ErrorCode.InvalidArgument, (await IdentityNode.FailureOf(node.ListAsync(new IssuedListParams(Cursor: "x")))).Code);
        Assert.DoesNotContain(child.Token, list.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(child.Token[20..60], await File.ReadAllTextAsync(scratch["state/identity/issued"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_is_for_authorities_and_holders_of_the_right()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        var stranger = await node.IssueAsync(Root);
        var clerk = await node.IssueAsync(new("identity", Rights: ["identity.list"]));

        Assert.Equal(ErrorCode.PermissionDenied, (await IdentityNode.FailureOf(node.ListAsync(token: stranger.Token))).Code);
        Assert.Equal(2, (await node.ListAsync(token: clerk.Token)).Capabilities.Count);
    }

    [Fact]
    public async Task A_capability_is_renewed_under_its_id_within_the_longest_lifetime()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"], ("STRATA_MAX_TTL_SECONDS", "1000"));
        var root = await node.IssueAsync(Root with { TtlSeconds = 100 });

        var renewed = await node.RenewAsync(root.Token, 900);

        Assert.Equal(root.CapId, renewed.CapId);
        Assert.True(renewed.Expires > root.Expires);
        Assert.Equal(renewed.Expires, DateTimeOffset.Parse((await node.ShowAsync(root.CapId)).Expires, System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeSeconds());
        Assert.Equal("exceeds_authority", (await IdentityNode.FailureOf(node.RenewAsync(renewed.Token, 1100))).Reason);
        await node.RevokeAsync(root.CapId);
        Assert.Equal("revoked", (await IdentityNode.FailureOf(node.RenewAsync(renewed.Token))).Reason);
    }

    [Fact]
    public async Task A_derived_capability_is_renewed_no_further_than_the_one_it_came_from()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        var root = await node.IssueAsync(Root);
        var child = await node.AttenuateAsync(root.Token, new(TtlSeconds: 60));

        Assert.Equal("exceeds_authority", (await IdentityNode.FailureOf(node.RenewAsync(child.Token, 700))).Reason);
        Assert.True((await node.RenewAsync(child.Token, 300)).Expires <= root.Expires);
        await node.RenewAsync(root.Token, 3600);
        Assert.True((await node.RenewAsync(child.Token, 700)).Expires > root.Expires);
    }

    [Fact]
    public async Task A_template_is_issued_by_name_narrowed_at_will_and_revoked_by_name()
    {
        using var scratch = new Scratch();
        WriteTemplates(scratch, """{"agent-readonly":{"service":"fs","rights":["fs.read","fs.list"],"path_prefix":"/srv/data","ttl_seconds":600,"read_only":true}}""");
        await using var node = await IdentityNode.StartAsync(scratch["state"]);

        var whole = await node.IssueAsync(new(Template: "agent-readonly", Subject: "agent-7"));
        var less = await node.IssueAsync(new(Template: "agent-readonly", Rights: ["fs.read"], TtlSeconds: 60));

        var seen = await node.IntrospectAsync(whole.Token);
        Assert.Equal(("agent-7", "agent-readonly", true, "/srv/data"), (seen.Sub, seen.Template, seen.Constraints!.ReadOnly, seen.Constraints.PathPrefix));
        Assert.Null(seen.Chain);
        Assert.Equal(["fs.read"], (await node.IntrospectAsync(less.Token)).Rights!);
        Assert.Contains("rights[0]", (await IdentityNode.FailureOf(node.IssueAsync(new(Template: "agent-readonly", Rights: ["fs.write"])))).Message, StringComparison.Ordinal);
        Assert.Contains("agent-readonly", (await IdentityNode.FailureOf(node.IssueAsync(new(Template: "unknown")))).Message, StringComparison.Ordinal);
        await node.RevokeAsync(new RevokeParams(Template: "agent-readonly"));
        Assert.Equal("revoked", (await node.IntrospectAsync(whole.Token)).Reason);
    }

    [Theory]
    [InlineData("[]", "object of templates")]
    [InlineData("""{"Agent":{"service":"fs"}}""", "no name of a template")]
    [InlineData("""{"agent":{"service":"fs","rights":["read"]}}""", "agent: rights[0]")]
    [InlineData("""{"agent":{"rights":["fs.read"]}}""", "agent: service")]
    [InlineData("""{"agent":{"service":"fs","subject":"x"}}""", "no subject")]
    [InlineData("""{"agent":{"service":"fs","ttl_seconds":99999999}}""", "agent: ttl_seconds")]
    [InlineData("""{"agent":{"servicce":"fs"}}""", "servicce")]
    public async Task A_template_that_could_not_be_issued_keeps_identity_from_starting(string json, string expected)
    {
        using var scratch = new Scratch();
        WriteTemplates(scratch, json);

        var e = await Assert.ThrowsAsync<SettingsException>(() => IdentityNode.StartAsync(scratch["state"]));

        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    private static void WriteTemplates(Scratch scratch, string json)
    {
        IdentityDirectory.Open(scratch["state"]).Dispose();
        var path = scratch["state/identity/templates.json"];
        File.WriteAllText(path, json);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
