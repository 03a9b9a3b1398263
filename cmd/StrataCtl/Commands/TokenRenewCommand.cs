using System.CommandLine;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;

namespace Strata.StrataCtl.Commands;

/// <summary><c>token renew</c>: the same capability with a later end.</summary>
internal static class TokenRenewCommand
{
    public static Command Create(Cli cli)
    {
        var ttl = GlobalOptions.Duration("--ttl", "How long it is valid from now [default: as long as the token was at first]");
        var quiet = IssuedToken.Quiet();
        return cli.Command(
            "renew", "Gives your own capability a new token that ends later, within the node's longest lifetime.", [ttl, quiet],
            ["strata-ctl token renew --ttl 10m", "strata-ctl token renew -q --token-file agent.token > agent.token.new && mv agent.token.new agent.token"],
            async (session, parsed, cancellation) =>
            {
                var wanted = new RenewParams(parsed.GetValue(ttl) is { } span ? (int)Math.Max(1, span.TotalSeconds) : null);
                var call = Call.Of("identity.renew", wanted, WireJson.Default.RenewParams) with { WithToken = true };
                return IssuedToken.Show(session, await session.Node.SendAsync(call, cancellation).ConfigureAwait(false), parsed.GetValue(quiet));
            });
    }
}
