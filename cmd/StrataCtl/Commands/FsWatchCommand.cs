using System.CommandLine;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;

namespace Strata.StrataCtl.Commands;

/// <summary><c>fs watch</c>: changes as they happen, until interrupted.</summary>
internal static class FsWatchCommand
{
    public static Command Create(Cli cli)
    {
        var path = FsArguments.Directory(cli);
        return cli.Command(
            "watch", "Shows changes of a file or directory as they happen.", [path], ["strata-ctl fs watch incoming", "strata-ctl fs watch --json | jq -r '.events[].name'"],
            (session, parsed, cancellation) => RunAsync(session, parsed.GetValue(path) ?? ".", cancellation));
    }

    private static async Task<int> RunAsync(Session session, string path, CancellationToken cancellation)
    {
        var call = Call.Of("fs.watch", new WatchFilesParams(path), WireJson.Default.WatchFilesParams) with { WithToken = true, Resource = path };
        await foreach (var item in session.Node.StreamAsync(call, cancellation).ConfigureAwait(false))
        {
            if (!item.Continues)
            {
                break;
            }

            var part = item.Get(WireJson.Default.FileEvents);
            if (part.Overflow)
            {
                session.Notice("changes were lost; look at everything anew");
            }

            if (session.Out.Json)
            {
                session.Out.JsonLine(item.Result);
                continue;
            }

            foreach (var change in part.Events)
            {
                session.Out.Line($"{change.Event,-10}  {change.Name ?? path}{(change is { IsDir: true, Name: not null } ? "/" : "")}");
            }
        }

        return ExitCode.Ok;
    }
}
