using System.CommandLine;
using System.Globalization;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary><c>sandbox start</c>, <c>jobs</c> and <c>kill</c>: background commands of a session.</summary>
internal static class SandboxJobCommands
{
    public static Command[] All(Cli cli) => [Start(cli), Jobs(cli), Kill(cli)];

    private static Command Start(Cli cli)
    {
        var (name, words) = (SandboxArguments.Session(cli), SandboxExecCommand.Words());
        return cli.Command(
            "start", "Starts a command in the background, and prints its id.", [name, words],
            ["strata-ctl sandbox start work -- python3 -m http.server 8000", "strata-ctl sandbox logs work $(strata-ctl sandbox start work 'make 2>&1')"],
            async (session, parsed, cancellation) =>
            {
                var spoken = SandboxExecCommand.Given(parsed, words);
                var wish = new SandboxStartParams(parsed.GetRequiredValue(name), spoken.Command, spoken.Program);
                var response = await SandboxFileCommands.SendAsync(session, "sandbox.start", wish.Session, wish, WireJson.Default.SandboxStartParams, cancellation).ConfigureAwait(false);
                if (!session.Out.Json)
                {
                    session.Out.Line(response.Get(WireJson.Default.SandboxStartResult).Id);
                }

                return ExitCode.Ok;
            });
    }

    private static Command Jobs(Cli cli)
    {
        var name = SandboxArguments.Session(cli);
        return cli.Command("jobs", "Lists background commands and terminals of a session.", [name], ["strata-ctl sandbox jobs work"], async (session, parsed, cancellation) =>
        {
            var wish = new SandboxSessionParams(parsed.GetRequiredValue(name));
            var response = await SandboxFileCommands.SendAsync(session, "sandbox.jobs", wish.Session, wish, WireJson.Default.SandboxSessionParams, cancellation).ConfigureAwait(false);
            if (!session.Out.Json)
            {
                var table = new Table("ID", "KIND", "STATE", ">OUTPUT", "STARTED", "COMMAND");
                foreach (var job in response.Get(WireJson.Default.SandboxJobsResult).Jobs)
                {
                    var state = job.Running ? "running" : job.Signal ?? string.Create(CultureInfo.InvariantCulture, $"exit {job.ExitCode}");
                    table.Add(job.Id, job.Kind, state, SandboxText.Bytes(job.OutputBytes), job.Started, job.Command);
                }

                session.Out.Table(table);
            }

            return ExitCode.Ok;
        });
    }

    private static Command Kill(Cli cli)
    {
        var name = SandboxArguments.Session(cli);
        var id = new Argument<string>("ID") { Description = "Id of a background command or terminal", HelpName = "ID" };
        var signal = new Option<string>("--signal") { Description = "INT, TERM, KILL, HUP, QUIT, USR1, USR2, STOP or CONT", HelpName = "NAME", DefaultValueFactory = _ => "TERM" };
        return cli.Command("kill", "Sends a signal to a background command and what it started.", [name, id, signal], ["strata-ctl sandbox kill work job-1 --signal KILL"], async (session, parsed, cancellation) =>
        {
            var wish = new SandboxSignalParams(parsed.GetRequiredValue(name), parsed.GetRequiredValue(id), parsed.GetRequiredValue(signal));
            await SandboxFileCommands.SendAsync(session, "sandbox.signal", wish.Session, wish, WireJson.Default.SandboxSignalParams, cancellation).ConfigureAwait(false);
            if (!session.Out.Json)
            {
                session.Out.Line($"{wish.Id} was sent SIG{wish.Signal}");
            }

            return ExitCode.Ok;
        });
    }
}
