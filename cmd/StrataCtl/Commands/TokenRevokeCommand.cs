using System.CommandLine;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;

namespace Strata.StrataCtl.Commands;

/// <summary><c>token revoke</c>: ends a capability, at once and for good.</summary>
internal static class TokenRevokeCommand
{
    public static Command Create(Cli cli)
    {
        var capability = new Argument<string>("CAP_ID") { Description = "Id of the capability, or a whole token", HelpName = "CAP_ID|TOKEN" };
        return cli.Command(
            "revoke", "Revokes a capability, at once and for good.", [capability],
            ["strata-ctl token revoke 5f0c6a7e9d2b41c8a3e4d5f60718293a", "strata-ctl token revoke \"$STRATA_TOKEN\""],
            (session, parsed, cancellation) => RunAsync(session, parsed.GetRequiredValue(capability), cancellation));
    }

    private static async Task<int> RunAsync(Session session, string named, CancellationToken cancellation)
    {
        var capId = TokenClaims.CapabilityOf(named) ?? named;
        var call = Call.Of("identity.revoke", new RevokeParams(capId), WireJson.Default.RevokeParams) with { WithToken = true, AuthorityMayAct = true, Resource = capId };
        var response = await session.Node.SendAsync(call, cancellation).ConfigureAwait(false);
        var pending = response.Get(WireJson.Default.RevokeResult).Pending ?? [];
        if (session.Out.Json)
        {
            session.Out.Document(response.Result);
        }
        else
        {
            session.Out.Line($"revoked {capId}");
        }

        if (pending.Count > 0)
        {
            session.Notice($"it is on disk, but these have not confirmed yet and may still accept it for a moment: {string.Join(", ", pending)}");
        }

        return ExitCode.Ok;
    }
}
