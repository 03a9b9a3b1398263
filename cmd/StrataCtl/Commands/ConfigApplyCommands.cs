using System.CommandLine;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary><c>config diff</c> and <c>config apply</c>: what the manifests on disk mean for a node that runs.</summary>
internal static class ConfigApplyCommands
{
    private const string DiffMethod = "supervisor.config.diff";
    private const string ApplyMethod = "supervisor.config.apply";

    public static Command Diff(Cli cli) => cli.Command(
        "diff", "Tells what applying the manifests would change on the running node; exit 1 when they have faults.", [],
        ["strata-ctl config diff", "strata-ctl config diff --json | jq -r '.services[].name'"],
        (session, _, cancellation) => RunAsync(session, DiffMethod, cancellation));

    public static Command Apply(Cli cli)
    {
        var dryRun = new Option<bool>("--dry-run") { Description = "Change nothing, tell what would change: the same as config diff" };
        return cli.Command(
            "apply", "Applies the manifests to the running node: all, or with a fault none (exit 1).", [dryRun],
            ["strata-ctl config apply", "strata-ctl config apply --dry-run", "strata-ctl config apply && strata-ctl status --wait 30s"],
            (session, parsed, cancellation) => RunAsync(session, parsed.GetValue(dryRun) ? DiffMethod : ApplyMethod, cancellation));
    }

    private static async Task<int> RunAsync(Session session, string method, CancellationToken cancellation)
    {
        var response = await session.Node.SendAsync(new Call(method) { WithToken = true, AuthorityMayAct = true }, cancellation).ConfigureAwait(false);
        var change = response.Get(WireJson.Default.ConfigChange);
        if (session.Out.Json)
        {
            session.Out.Document(response.Result);
        }
        else
        {
            Tell(session.Out, change);
        }

        return change.Outcome == "refused" ? ExitCode.Refused : ExitCode.Ok;
    }

    private static void Tell(OutputWriter output, ConfigChange change)
    {
        if (change.Services.Count > 0)
        {
            var table = new Table("SERVICE", "CHANGE", "WHAT HAPPENS", "BECAUSE OF");
            foreach (var service in change.Services)
            {
                table.Add([service.Name, new Cell(service.Change, ToneOf(service.Change)), service.Effect, CauseOf(service)]);
            }

            output.Table(table);
            output.Raw("\n");
        }

        foreach (var fault in change.Faults)
        {
            var place = fault.Line == 0 ? fault.File : $"{fault.File}:{fault.Line}:{fault.Column}";
            output.Line(fault.Field.Length == 0 ? $"{place}: {fault.Message}" : $"{place}: {fault.Field}: {fault.Message}");
        }

        output.Line(change.Outcome switch
        {
            "unchanged" => $"nothing to apply: configuration {change.Generation} is in force",
            "differs" => $"configuration {change.Generation} is in force; strata-ctl config apply carries this out",
            "applied" => $"configuration {change.Generation} is in force",
            _ => $"refused: {Count(change.Faults.Count + (change.MoreFaults ?? 0))}; configuration {change.Generation} stays in force and nothing was changed",
        });
    }

    private static string Count(int faults) => faults == 1 ? "1 fault" : $"{faults} faults";

    private static string CauseOf(ConfigServiceChange service) => (service.Fields, service.With) switch
    {
        ({ } fields, null) => string.Join(", ", fields),
        ({ } fields, { } other) => $"{string.Join(", ", fields)}; its strategy and {other}",
        (null, { } other) => $"its strategy and {other}",
        _ => "-",
    };

    private static Tone ToneOf(string change) => change switch
    {
        "added" => Tone.Good,
        "removed" => Tone.Bad,
        "adjusted" => Tone.Plain,
        _ => Tone.Warning,
    };
}
