using System.CommandLine;
using Strata.Contracts;
using Strata.Ipc;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary><c>workspace</c>: directories that outlive sessions.</summary>
internal static class WorkspaceCommands
{
    public static Command Create(Cli cli) => cli.Family("workspace", "Works with directories that outlive sessions.", List(cli), Make(cli), Remove(cli));

    private static Command List(Cli cli) => cli.Command("ls", "Lists workspaces and what is in them.", [], ["strata-ctl workspace ls"], async (session, parsed, cancellation) =>
    {
        var response = await SandboxFileCommands.SendAsync(session, "sandbox.workspace_list", null, new NoParams(), WireJson.Default.NoParams, cancellation).ConfigureAwait(false);
        if (!session.Out.Json)
        {
            var table = new Table("WORKSPACE", ">SIZE", ">OF", ">FILES", ">SESSIONS", "CREATED");
            foreach (var w in response.Get(WireJson.Default.SandboxWorkspaces).Workspaces)
            {
                table.Add(w.Workspace, ByteSizes.Show(w.Bytes), ByteSizes.Show(w.MaxBytes), w.Files, w.Sessions, w.Created);
            }

            session.Out.Table(table);
        }

        return ExitCode.Ok;
    });

    private static Command Make(Cli cli)
    {
        var name = new Argument<string>("NAME") { Description = "Its name", HelpName = "NAME" };
        var size = LimitOptions.Size("--max-size", "Most bytes in it, e.g. 1G [default: the node's own bound]");
        var files = new Option<long?>("--max-files") { Description = "Most files and directories in it [default: the node's own bound]", HelpName = "N" };
        return cli.Command(
            "create", "Makes a workspace; sandbox cp fills it as @NAME:PATH.", [name, size, files], ["strata-ctl workspace create data", "strata-ctl workspace create data --max-size 1G"],
            async (session, parsed, cancellation) =>
            {
                var wish = new SandboxWorkspaceCreateParams(parsed.GetRequiredValue(name), parsed.GetValue(size), parsed.GetValue(files));
                var response = await SandboxFileCommands.SendAsync(session, "sandbox.workspace_create", wish.Workspace, wish, WireJson.Default.SandboxWorkspaceCreateParams, cancellation).ConfigureAwait(false);
                if (!session.Out.Json)
                {
                    var made = response.Get(WireJson.Default.SandboxWorkspace);
                    if (made.MaxBytes < wish.MaxBytes || made.MaxFiles < wish.MaxFiles)
                    {
                        session.Notice("it has less room than you asked for: it was there, or the node gives no more");
                    }

                    session.Out.Line($"{made.Workspace} is there, for at most {ByteSizes.Show(made.MaxBytes)} and {made.MaxFiles} files");
                }

                return ExitCode.Ok;
            });
    }

    private static Command Remove(Cli cli)
    {
        var names = new Argument<string[]>("NAME") { Description = "Names of workspaces", HelpName = "NAME", Arity = ArgumentArity.OneOrMore };
        names.CompletionSources.Add(Completion.SandboxNames.Workspaces(cli));
        return cli.Command("rm", "Removes workspaces that no session has, with all in them.", [names], ["strata-ctl workspace rm data"], async (session, parsed, cancellation) =>
        {
            foreach (var name in parsed.GetRequiredValue(names))
            {
                var wish = new SandboxWorkspaceDeleteParams(name);
                await SandboxFileCommands.SendAsync(session, "sandbox.workspace_delete", name, wish, WireJson.Default.SandboxWorkspaceDeleteParams, cancellation).ConfigureAwait(false);
                if (!session.Out.Json)
                {
                    session.Out.Line($"{name} is deleted");
                }
            }

            return ExitCode.Ok;
        });
    }
}
