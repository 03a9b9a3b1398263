using Strata.Ipc;
using Strata.Linux;

namespace Strata.Identity.Tests;

public class AuthorityTests
{
    private static readonly uint Stranger = UserId.Effective + 1;

    [Theory]
    [InlineData("identity.issue")]
    [InlineData("identity.revoke")]
    [InlineData("identity.watch")]
    [InlineData("identity.confirm")]
    [InlineData("identity.use")]
    public async Task A_foreign_user_without_a_capability_is_denied(string name)
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);

        Assert.Equal("missing_token", Ask(node, name, Stranger)?.Reason);
        Assert.Null(Ask(node, name, 0));
        Assert.Null(Ask(node, name, Strata.Linux.UserId.Effective));
    }

    [Fact]
    public async Task A_foreign_user_may_introspect_what_it_holds()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);

        Assert.Null(Ask(node, "identity.introspect", Stranger));
    }

    [Theory]
    [InlineData("identity.issue", "fs", true)]
    [InlineData("identity.issue", "identity", true)]
    [InlineData("identity.revoke", "identity", true)]
    [InlineData("identity.watch", "identity", true)]
    [InlineData("identity.watch", "fs", false)]
    public async Task A_foreign_user_needs_the_right_and_only_issue_may_be_held_for_another_service(string right, string service, bool allowed)
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        var held = await node.IssueAsync(new(service, Rights: [right]));

        Assert.Equal(allowed, Ask(node, right, Stranger, held.Token) is null);
        Assert.Equal(ErrorCode.PermissionDenied, Ask(node, right == "identity.issue" ? "identity.watch" : "identity.issue", Stranger, held.Token)?.Code);
    }

    private static RpcError? Ask(IdentityNode node, string name, uint uid, string token = "")
    {
        var method = node.Methods.Single(m => m.Name == name);
        var peer = new Peer(1, uid, uid);
        return node.Authorizer.Authenticate(
            new AuthorizationQuery
            {
                Method = method,
                Token = System.Text.Encoding.ASCII.GetBytes(token),
                Peer = peer,
                Call = new CallContext(method, "r", peer, TimeProvider.System),
            },
            out _);
    }
}
