using System.CommandLine;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary><c>fs tree</c>: a directory and what is beneath it, drawn, within bounds.</summary>
internal static class FsTreeCommand
{
    /// <summary>Entries shown at most.</summary>
    public const int MaxEntries = 10_000;

    public static Command Create(Cli cli)
    {
        var path = FsArguments.Directory(cli);
        var depth = new Option<int>("--depth", "-L") { Description = "How many folders deep", HelpName = "N", DefaultValueFactory = _ => 4 };
        return cli.Command(
            "tree", "Draws a directory and what is beneath it.", [path, depth], ["strata-ctl fs tree", "strata-ctl fs tree -L 2 projects"],
            async (session, parsed, cancellation) =>
            {
                if (parsed.GetValue(depth) is < 1 or > 64)
                {
                    throw new UsageException("--depth takes 1 to 64");
                }

                if (session.Out.Json)
                {
                    throw new UsageException("fs tree draws for people; for JSON use: strata-ctl fs find '*' --json");
                }

                var (at, left) = (parsed.GetValue(path) ?? ".", MaxEntries);
                session.Out.Line(at, Tone.Heading);
                left = await DrawAsync(session, at, "", parsed.GetValue(depth), left, cancellation).ConfigureAwait(false);
                if (left <= 0)
                {
                    session.Notice($"there is more; shown are the first {MaxEntries} entries");
                }

                return ExitCode.Ok;
            });
    }

    private static async Task<int> DrawAsync(Session session, string path, string indent, int depth, int left, CancellationToken cancellation)
    {
        string? cursor = null;
        do
        {
            var call = Call.Of("fs.list", new ListParams(path, cursor, Sort: "name"), WireJson.Default.ListParams) with { WithToken = true, Resource = path };
            var page = await session.Node.CallAsync(call, WireJson.Default.ListResult, cancellation).ConfigureAwait(false);
            cursor = page.Next;
            for (var i = 0; i < page.Entries.Count && left > 0; i++)
            {
                var (entry, isLast) = (page.Entries[i], cursor is null && i == page.Entries.Count - 1);
                session.Out.Raw($"{indent}{(isLast ? "└── " : "├── ")}");
                session.Out.Line(entry.IsDir ? entry.Name + "/" : entry.Name, entry.IsDir ? Tone.Heading : Tone.Plain);
                left--;
                // What has no name in UTF-8 can be shown and not be asked for.
                if (entry is { IsDir: true, NameB64: null } && depth > 1)
                {
                    left = await DrawAsync(session, $"{path.TrimEnd('/')}/{entry.Name}", indent + (isLast ? "    " : "│   "), depth - 1, left, cancellation).ConfigureAwait(false);
                }
            }
        }
        while (cursor is not null && left > 0);
        return left;
    }
}
