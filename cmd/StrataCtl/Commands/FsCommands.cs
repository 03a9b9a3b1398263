using System.CommandLine;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary><c>fs</c>: files beneath a capability's prefix.</summary>
internal static class FsCommands
{
    public static Command Create(Cli cli) => cli.Family(
        "fs", "Works with files by capability.", FsListCommand.Create(cli), FsCatCommand.Create(cli), FsGetCommand.Create(cli), FsPutCommand.Create(cli),
        FsChangeCommands.Copy(cli), FsChangeCommands.Move(cli), FsChangeCommands.Remove(cli), FsChangeCommands.MakeDirectory(cli), Stat(cli),
        FsFindCommand.Create(cli), FsTreeCommand.Create(cli), FsWatchCommand.Create(cli));

    private static Command Stat(Cli cli)
    {
        var path = FsArguments.Path(cli);
        return cli.Command(
            "stat", "Shows what a path is.", [path], ["strata-ctl fs stat notes.txt"],
            async (session, parsed, cancellation) =>
            {
                var name = parsed.GetRequiredValue(path);
                var call = Call.Of("fs.stat", new StatParams(name), WireJson.Default.StatParams) with { WithToken = true, Resource = name };
                var response = await session.Node.SendAsync(call, cancellation).ConfigureAwait(false);
                if (session.Out.Json)
                {
                    session.Out.Document(response.Result);
                }
                else
                {
                    var stat = response.Get(WireJson.Default.StatResult);
                    session.Out.Fields([("path", name), ("kind", stat.Kind), ("size", stat.Size), ("mode", stat.Mode), ("modified", stat.Modified)]);
                }

                return ExitCode.Ok;
            });
    }
}
