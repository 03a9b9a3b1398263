using System.CommandLine;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary><c>sandbox ps</c>: sessions, all pages of them.</summary>
internal static class SandboxListCommand
{
    /// <summary>Pages followed; at 100 sessions a page, more than a service may have.</summary>
    public const int MaxPages = 1000;

    public static Command Create(Cli cli)
    {
        var all = new Option<bool>("--all", "-a") { Description = "Everybody's; takes the right sandbox.list_all as well" };
        var labels = SandboxArguments.Pairs("--label", "Those with this label alone; again for more", "NAME=VALUE");
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Print the names alone" };
        return cli.Command(
            "ps", "Lists your sessions.", [all, labels, quiet], ["strata-ctl sandbox ps", "strata-ctl sandbox ps --all --label team=red", "strata-ctl sandbox close $(strata-ctl sandbox ps -q --label task=7)"],
            (session, parsed, cancellation) => RunAsync(session, parsed.GetValue(all), SandboxArguments.ReadPairs("--label", parsed.GetValue(labels)), parsed.GetValue(quiet), cancellation));
    }

    private static async Task<int> RunAsync(Session session, bool all, IReadOnlyDictionary<string, string>? labels, bool quiet, CancellationToken cancellation)
    {
        var found = await FetchAsync(session, all, labels, cancellation).ConfigureAwait(false);
        if (session.Out.Json)
        {
            session.Out.List("sessions", found, WireJson.Default.SandboxInfo);
            return ExitCode.Ok;
        }

        if (quiet)
        {
            foreach (var one in found)
            {
                session.Out.Line(one.Session);
            }

            return ExitCode.Ok;
        }

        var table = new Table([.. all ? ["OWNER"] : Array.Empty<string>(), "SESSION", "STATE", "IMAGE", "NETWORK", "WORKSPACE", "CREATED", "EXPIRES", "NOTE"]);
        foreach (var one in found)
        {
            Cell[] owner = all ? [one.Owner] : [];
            table.Add(
            [
                .. owner, one.Session, new Cell(one.State, ToneOf(one.State)), one.Image, one.Network, one.Workspace ?? "-", one.Created, one.Expires,
                new Cell(SandboxText.Note(one), Tone.Faint),
            ]);
        }

        session.Out.Table(table);
        return ExitCode.Ok;
    }

    private static async Task<List<SandboxInfo>> FetchAsync(Session session, bool all, IReadOnlyDictionary<string, string>? labels, CancellationToken cancellation)
    {
        var found = new List<SandboxInfo>();
        string? cursor = null;
        for (var page = 0; page < MaxPages; page++)
        {
            var call = Call.Of("sandbox.list", new SandboxListParams(all, labels, cursor), WireJson.Default.SandboxListParams) with { WithToken = true };
            var result = await session.Node.CallAsync(call, WireJson.Default.SandboxList, cancellation).ConfigureAwait(false);
            found.AddRange(result.Sessions);
            if (result.Next is null)
            {
                break;
            }

            cursor = result.Next;
        }

        return [.. found.OrderBy(s => s.Owner, StringComparer.Ordinal).ThenBy(s => s.Session, StringComparer.Ordinal)];
    }

    private static Tone ToneOf(string state) => state == "lost" ? Tone.Bad : ServiceTable.ToneOf(state);
}
