using System.CommandLine;
using System.Globalization;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary><c>key</c>: the keys by which the node's tokens verify, and those that tokens are bound to.</summary>
internal static class KeyCommands
{
    public static Command Create(Cli cli) => cli.Family(
        "key", "Shows and rotates the keys by which the node's tokens verify, and makes keys for holders.",
        cli.Command("list", "Lists the public keys: which of them sign, and when the others go.", [], ["strata-ctl key list", "strata-ctl key list --json"], (session, _, cancellation) => ListAsync(session, cancellation)),
        KeyRotateCommand.Create(cli),
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
        var now = session.Around.Time.GetUtcNow();
        var table = new Table("KID", "VERSION", "STATE", "ISSUES", "CREATED", "RETIRES", "PUBLIC KEY");
        foreach (var key in known.Keys)
        {
            table.Add(key.Kid, key.Version, StateOf(key), key.Kid == known.Signing ? "yes" : "no", key.Created, RetiresIn(key.Retires, now), key.PublicKey);
        }

        session.Out.Table(table);
        return ExitCode.Ok;
    }

    /// <summary>How long until a key goes, for a person.</summary>
    internal static string RetiresIn(string? retires, DateTimeOffset now)
    {
        var left = DateTimeOffset.TryParse(retires, CultureInfo.InvariantCulture, out var at) ? at - now : (TimeSpan?)null;
        return left is not { } span ? "-" : span > TimeSpan.Zero ? $"in {Durations.Show(span)}" : "now";
    }

    private static Cell StateOf(KeyView key) => key.State == "active" ? new Cell(key.State, Tone.Good) : new Cell(key.State ?? "active", Tone.Plain);
}
