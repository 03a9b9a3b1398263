using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Identity.Tests;

public sealed class RenewalRaceTests
{
    private const int Renewals = 100;

    [Fact]
    public async Task A_renewal_that_races_with_the_revocation_saves_nothing()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        var root = await node.IssueAsync(new IssueParams("fs", Rights: ["fs.read"], TtlSeconds: 3600));
        var child = await node.AttenuateAsync(root.Token, new AttenuateParams(TtlSeconds: 60));

        // On one connection, so that they are on their way together; the revocation is somewhere among them.
        var renewals = new List<Task<IssueResult>>();
        Task<RevokeResult>? revocation = null;
        for (var i = 0; i < Renewals; i++)
        {
            // A child asks for less: it ends no later than what it came from, whenever that was renewed.
            renewals.Add(i % 2 == 0 ? node.RenewAsync(root.Token, 3600) : node.RenewAsync(child.Token, 300));
            revocation = i == Renewals / 2 ? node.RevokeAsync(root.CapId) : revocation;
        }

        await revocation!.Soon();
        var tokens = await Task.WhenAll(renewals.Select(TokenOrNone)).Soon();
        foreach (var token in tokens.OfType<string>().Append(root.Token).Append(child.Token))
        {
            Assert.False((await node.IntrospectAsync(token)).Active);
            Assert.Equal("revoked", (await IdentityNode.FailureOf(node.RenewAsync(token))).Reason);
            Assert.Equal("revoked", (await IdentityNode.FailureOf(node.AttenuateAsync(token))).Reason);
        }

        Assert.Contains(tokens, token => token is not null);
    }

    private static async Task<string?> TokenOrNone(Task<IssueResult> renewal)
    {
        try
        {
            return (await renewal).Token;
        }
        catch (RpcException e) when (e.Error.Reason == "revoked")
        {
            return null;
        }
    }
}
