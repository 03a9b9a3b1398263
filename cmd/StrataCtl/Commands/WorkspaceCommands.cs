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
            var table = new Table("WORKSPACE", ">BYTES", ">OF", ">FILES", ">SESSIONS", "CREATED");
            foreach (var w in response.Get(WireJson.Default.SandboxWorkspaces).Workspaces)
            {
                table.Add(w.Workspace, w.Bytes, w.MaxBytes, w.Files, w.Sessions, w.Created);
            }

            session.Out.Table(table);
        }

        return ExitCode.Ok;
    });

    private static Command Make(Cli cli)
    {
        var name = new Argument<string>("workspace") { Description = "Its name" };
        return cli.Command("create", "Makes a workspace; sandbox cp fills it as @WORKSPACE:PATH.", [name], ["strata-ctl workspace create data"], async (session, parsed, cancellation) =>
        {
            var wish = new SandboxWorkspaceCreateParams(parsed.GetRequiredValue(name));
            await SandboxFileCommands.SendAsync(session, "sandbox.workspace_create", wish.Workspace, wish, WireJson.Default.SandboxWorkspaceCreateParams, cancellation).ConfigureAwait(false);
            return ExitCode.Ok;
        });
    }

    private static Command Remove(Cli cli)
    {
        var name = new Argument<string>("workspace") { Description = "Its name" };
        return cli.Command("rm", "Removes a workspace that no session has, with all in it.", [name], ["strata-ctl workspace rm data"], async (session, parsed, cancellation) =>
        {
            var wish = new SandboxWorkspaceDeleteParams(parsed.GetRequiredValue(name));
            await SandboxFileCommands.SendAsync(session, "sandbox.workspace_delete", wish.Workspace, wish, WireJson.Default.SandboxWorkspaceDeleteParams, cancellation).ConfigureAwait(false);
            return ExitCode.Ok;
        });
    }
}
