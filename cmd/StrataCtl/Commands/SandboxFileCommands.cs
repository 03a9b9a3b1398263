using System.CommandLine;
using System.Text.Json.Serialization.Metadata;
using Strata.Contracts;
using Strata.Ipc;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary><c>sandbox ls</c>, <c>cat</c>, <c>rm</c> and <c>mkdir</c>.</summary>
internal static class SandboxFileCommands
{
    /// <summary>All of them, with <c>cp</c>.</summary>
    public static Command[] All(Cli cli) =>
        [SandboxCopyCommand.Create(cli), List(cli), Cat(cli), Remove(cli), MakeDirectory(cli)];

    private static Command List(Cli cli)
    {
        var place = Place("Directory");
        return cli.Command("ls", "Lists a directory in a sandbox.", [place], ["strata-ctl sandbox ls work:", "strata-ctl sandbox ls @data:reports"], async (session, parsed, cancellation) =>
        {
            var at = SandboxPlace.Read(parsed.GetRequiredValue(place));
            var table = new Table("KIND", ">SIZE", "NAME");
            string? cursor = null;
            for (var page = 0; page < FsListCommand.MaxPages; page++)
            {
                var wish = new SandboxListFilesParams(at.Path, at.Session, at.Workspace, cursor);
                var response = await SendAsync(session, "sandbox.list_files", at.Resource, wish, WireJson.Default.SandboxListFilesParams, cancellation).ConfigureAwait(false);
                var result = response.Get(WireJson.Default.ListResult);
                foreach (var entry in result.Entries)
                {
                    table.Add(entry.Kind, entry.IsDir ? "-" : entry.Size, new Cell(entry.IsDir ? $"{entry.Name}/" : entry.Name, entry.IsDir ? Tone.Heading : Tone.Plain));
                }

                if (result.Next is null)
                {
                    break;
                }

                cursor = result.Next;
            }

            if (!session.Out.Json)
            {
                session.Out.Table(table);
            }

            return ExitCode.Ok;
        });
    }

    private static Command Cat(Cli cli)
    {
        var place = Place("File");
        return cli.Command("cat", "Writes a file of a sandbox to standard output, byte for byte.", [place], ["strata-ctl sandbox cat work:notes.txt"], async (session, parsed, cancellation) =>
        {
            await SandboxFetching.RunAsync(session, SandboxPlace.Read(parsed.GetRequiredValue(place)), session.Out.Raw, cancellation).ConfigureAwait(false);
            return ExitCode.Ok;
        });
    }

    private static Command Remove(Cli cli)
    {
        var place = Place("File, link or directory");
        var recursive = new Option<bool>("--recursive", "-r") { Description = "Remove a directory with all in it" };
        return cli.Command("rm", "Removes a file or directory in a sandbox.", [place, recursive], ["strata-ctl sandbox rm -r work:build"], async (session, parsed, cancellation) =>
        {
            var at = SandboxPlace.Read(parsed.GetRequiredValue(place));
            var wish = new SandboxDeleteParams(at.Path, at.Session, at.Workspace, parsed.GetValue(recursive));
            RemoveTreeResult result;
            do
            {
                var response = await SendAsync(session, "sandbox.delete", at.Resource, wish, WireJson.Default.SandboxDeleteParams, cancellation).ConfigureAwait(false);
                result = response.Get(WireJson.Default.RemoveTreeResult);
            }
            while (!result.Done && result.Removed > 0);
            return ExitCode.Ok;
        });
    }

    private static Command MakeDirectory(Cli cli)
    {
        var place = Place("Directory");
        var parents = new Option<bool>("--parents", "-p") { Description = "Make what is missing above, and be content with what is there" };
        return cli.Command("mkdir", "Makes a directory in a sandbox.", [place, parents], ["strata-ctl sandbox mkdir -p work:a/b"], async (session, parsed, cancellation) =>
        {
            var at = SandboxPlace.Read(parsed.GetRequiredValue(place));
            var wish = new SandboxMkdirParams(at.Path, at.Session, at.Workspace, parsed.GetValue(parents));
            await SendAsync(session, "sandbox.mkdir", at.Resource, wish, WireJson.Default.SandboxMkdirParams, cancellation).ConfigureAwait(false);
            return ExitCode.Ok;
        });
    }

    /// <summary>Makes a call, and shows its answer as it is when that is asked for.</summary>
    internal static async Task<RpcResponse> SendAsync<T>(Session session, string method, string? resource, T wish, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        var call = Call.Of(method, wish, type) with { WithToken = true, Resource = resource, ExtraTime = FsArguments.LongTime };
        var response = await session.Node.SendAsync(call, cancellation).ConfigureAwait(false);
        if (session.Out.Json)
        {
            session.Out.Document(response.Result);
        }

        return response;
    }

    private static Argument<string> Place(string what) => new("place") { Description = $"{what} as SESSION:PATH, or @WORKSPACE:PATH without a session", HelpName = "PLACE" };
}
