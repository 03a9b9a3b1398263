using System.CommandLine;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary><c>sandbox doctor</c>: what this machine can do for sandboxes.</summary>
internal static class SandboxDoctorCommand
{
    /// <summary>The machine is probed by making sandboxes.</summary>
    private static readonly TimeSpan ProbingTime = TimeSpan.FromMinutes(1);

    public static Command Create(Cli cli) => cli.Command(
        "doctor", "Shows what this machine can and cannot do for sandboxes (exit 1 when it can make none).", [], ["strata-ctl sandbox doctor"],
        async (session, _, cancellation) =>
        {
            var response = await session.Node.SendAsync(Question, cancellation).ConfigureAwait(false);
            var report = response.Get(WireJson.Default.SandboxDoctorResult);
            if (session.Out.Json)
            {
                session.Out.Document(response.Result);
            }
            else
            {
                Show(session.Out, report);
            }

            return report.Usable ? ExitCode.Ok : ExitCode.Refused;
        });

    /// <summary>The call.</summary>
    public static Call Question { get; } =
        new("sandbox.doctor") { WithToken = true, AuthorityMayAct = true, ExtraTime = ProbingTime };

    private static void Show(OutputWriter output, SandboxDoctorResult report)
    {
        output.Line($"engine {report.Engine}: {(report.Usable ? "sandboxes can be made" : "no sandbox can be made")}; {report.Sessions} of at most {report.MaxSessions} sessions");
        var table = new Table("CHECK", "VERDICT", "FOUND", "REMEDY");
        foreach (var finding in report.Findings)
        {
            table.Add(finding.Name, new Cell(finding.Good ? "ok" : "lacking", finding.Good ? Tone.Good : Tone.Warning), finding.What, new Cell(finding.Remedy ?? "-", Tone.Faint));
        }

        output.Table(table);
    }
}
