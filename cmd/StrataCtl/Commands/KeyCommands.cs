using System.CommandLine;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary><c>key</c>: the keys by which the node's tokens verify, and those that tokens are bound to.</summary>
internal static class KeyCommands
{
    public static Command Create(Cli cli) => cli.Family(
        "key", "Shows the keys by which the node's tokens verify, and makes keys for holders.",
        cli.Command("list", "Lists the public keys, and which of them signs.", [], ["strata-ctl key list", "strata-ctl key list --json"], (session, _, cancellation) => ListAsync(session, cancellation)),
        KeyNewCommand.Create(cli));

    private static async Task<int> ListAsync(Session session, CancellationToken cancellation)
    {
        var response = await session.Node.SendAsync(new Call("identity.keys"), cancellation).ConfigureAwait(false);
        if (session.Out.Json)
        {
            session.Out.Document(response.Result);
            return ExitCode.Ok;
        }

        var known = response.Get(WireJson.Default.KeysResult);
        var table = new Table("KID", "VERSION", "SIGNS", "PUBLIC KEY");
        foreach (var key in known.Keys)
        {
            table.Add(key.Kid, key.Version, key.Kid == known.Signing ? "yes" : "no", key.PublicKey);
        }

        session.Out.Table(table);
        return ExitCode.Ok;
    }
}
