using System.CommandLine;
using Strata.StrataCtl.CommandLine;

namespace Strata.StrataCtl.Commands;

/// <summary><c>sandbox</c>: isolated sessions.</summary>
internal static class SandboxCommands
{
    public static Command Create(Cli cli) => cli.Family(
        "sandbox", "Works with isolated sessions for programs that are not trusted.",
        [.. Sessions(cli), .. Running(cli), .. SandboxFileCommands.All(cli), .. SandboxSnapshotCommands.All(cli), SandboxNetworkCommand.Create(cli), SandboxExposeCommand.Create(cli)]);

    private static Command[] Sessions(Cli cli) =>
    [
        SandboxCreateCommand.Create(cli), SandboxListCommand.Create(cli), SandboxShowCommand.Create(cli), SandboxStatsCommand.Create(cli), SandboxLifeCommands.Touch(cli), SandboxLifeCommands.Pause(cli),
        SandboxLifeCommands.Resume(cli), SandboxLifeCommands.Close(cli), SandboxEventsCommand.Create(cli), SandboxDoctorCommand.Create(cli),
        SandboxImageCommands.Create(cli, "strata-ctl sandbox"),
    ];

    private static Command[] Running(Cli cli) =>
        [SandboxExecCommand.Create(cli), SandboxRunCommand.Create(cli, "strata-ctl sandbox"), SandboxShellCommand.Create(cli), SandboxShellCommand.CreateLogs(cli), .. SandboxJobCommands.All(cli)];
}
