using System.CommandLine;
using System.Text.Json.Serialization.Metadata;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;

namespace Strata.StrataCtl.Commands;

/// <summary><c>fs cp</c>, <c>mv</c>, <c>rm</c>, <c>mkdir</c>: changes of names, each by one call.</summary>
internal static class FsChangeCommands
{
    public static Command Copy(Cli cli)
    {
        var (from, to, force) = (FsArguments.Path(cli, "FROM"), FsArguments.Path(cli, "TO"), FsArguments.Force());
        return cli.Command(
            "cp", "Copies a file on the node.", [from, to, force], ["strata-ctl fs cp report.pdf archive/report.pdf"],
            (session, parsed, cancellation) =>
            {
                var source = parsed.GetRequiredValue(from);
                return RunAsync(
                    session, "fs.copy", source, new CopyParams(source, Into(parsed.GetRequiredValue(to), source), parsed.GetValue(force)), WireJson.Default.CopyParams, cancellation);
            });
    }

    public static Command Move(Cli cli)
    {
        var (from, to, force) = (FsArguments.Path(cli, "FROM"), FsArguments.Path(cli, "TO"), FsArguments.Force());
        return cli.Command(
            "mv", "Moves a file, link or directory.", [from, to, force], ["strata-ctl fs mv draft.txt done/"],
            (session, parsed, cancellation) =>
            {
                var source = parsed.GetRequiredValue(from);
                return RunAsync(
                    session, "fs.rename", source, new RenameParams(source, Into(parsed.GetRequiredValue(to), source), parsed.GetValue(force)), WireJson.Default.RenameParams, cancellation);
            });
    }

    public static Command Remove(Cli cli)
    {
        var paths = FsArguments.Paths(cli, "Files, links or empty directories");
        var recursive = new Option<bool>("--recursive", "-r") { Description = "Remove directories with all in them; takes the right fs.remove_tree" };
        return cli.Command(
            "rm", "Removes files and directories.", [paths, recursive], ["strata-ctl fs rm old.txt", "strata-ctl fs rm -r build"],
            async (session, parsed, cancellation) =>
            {
                foreach (var path in parsed.GetRequiredValue(paths))
                {
                    if (parsed.GetValue(recursive))
                    {
                        await RemoveTreeAsync(session, path, cancellation).ConfigureAwait(false);
                    }
                    else
                    {
                        await RunAsync(session, "fs.remove", path, new RemoveParams(path), WireJson.Default.RemoveParams, cancellation).ConfigureAwait(false);
                    }
                }

                return ExitCode.Ok;
            });
    }

    public static Command MakeDirectory(Cli cli)
    {
        var paths = FsArguments.Paths(cli, "Directories to make");
        var parents = new Option<bool>("--parents", "-p") { Description = "Make what is missing above, and be content with what is there" };
        return cli.Command(
            "mkdir", "Makes directories.", [paths, parents], ["strata-ctl fs mkdir -p reports/2026"],
            async (session, parsed, cancellation) =>
            {
                foreach (var path in parsed.GetRequiredValue(paths))
                {
                    await RunAsync(session, "fs.mkdir", path, new MkdirParams(path, parsed.GetValue(parents)), WireJson.Default.MkdirParams, cancellation).ConfigureAwait(false);
                }

                return ExitCode.Ok;
            });
    }

    /// <summary>A target that ends in a slash is a directory, which the name goes into.</summary>
    internal static string Into(string target, string source) => target.EndsWith('/') ? target + System.IO.Path.GetFileName(source.TrimEnd('/')) : target;

    private static async Task<int> RunAsync<T>(Session session, string method, string path, T parameters, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        var call = Call.Of(method, parameters, type) with { WithToken = true, Resource = path, ExtraTime = FsArguments.LongTime };
        var response = await session.Node.SendAsync(call, cancellation).ConfigureAwait(false);
        if (session.Out.Json)
        {
            session.Out.Document(response.Result);
        }

        return ExitCode.Ok;
    }

    /// <summary>Each call removes a bounded number of entries; one that removes nothing and is not done would go on for ever.</summary>
    private static async Task RemoveTreeAsync(Session session, string path, CancellationToken cancellation)
    {
        RemoveTreeResult result;
        do
        {
            var call = Call.Of("fs.remove_tree", new RemoveTreeParams(path), WireJson.Default.RemoveTreeParams)
                with { WithToken = true, Resource = path, ExtraTime = FsArguments.LongTime };
            result = await session.Node.CallAsync(call, WireJson.Default.RemoveTreeResult, cancellation).ConfigureAwait(false);
        }
        while (!result.Done && result.Removed > 0);
    }
}
