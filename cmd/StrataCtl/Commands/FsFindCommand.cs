using System.CommandLine;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;

namespace Strata.StrataCtl.Commands;

/// <summary><c>fs find</c>: paths that fit a pattern, as they are found.</summary>
internal static class FsFindCommand
{
    public static Command Create(Cli cli)
    {
        var pattern = new Argument<string>("PATTERN") { Description = "* any text without /, ? one character, ** any folders; without / it is held to the name", HelpName = "PATTERN" };
        var path = FsArguments.Directory(cli);
        var kind = new Option<string>("--kind") { Description = "Only these: file, dir or symlink", HelpName = "KIND", DefaultValueFactory = _ => "any" };
        kind.AcceptOnlyFromAmong("any", "file", "dir", "symlink");
        return cli.Command(
            "find", "Finds entries by pattern.", [pattern, path, kind], ["strata-ctl fs find '*.pdf'", "strata-ctl fs find 'src/**/*.cs' projects --kind file"],
            (session, parsed, cancellation) => RunAsync(
                session, new FindParams(parsed.GetValue(path) ?? ".", parsed.GetRequiredValue(pattern), parsed.GetRequiredValue(kind), Limit: 100_000), cancellation));
    }

    private static async Task<int> RunAsync(Session session, FindParams wish, CancellationToken cancellation)
    {
        var call = Call.Of("fs.find", wish, WireJson.Default.FindParams) with { WithToken = true, Resource = wish.Path };
        await foreach (var item in session.Node.StreamAsync(call, cancellation).ConfigureAwait(false))
        {
            if (!item.Continues)
            {
                break;
            }

            var part = item.Get(WireJson.Default.FindPart);
            if (session.Out.Json)
            {
                session.Out.JsonLine(item.Result);
            }
            else
            {
                foreach (var entry in part.Entries)
                {
                    session.Out.Line(entry.Kind == "dir" ? entry.Path + "/" : entry.Path);
                }
            }

            if (part.Truncated)
            {
                session.Notice($"the search ended at a bound after {part.Visited} entries; narrow it by a path");
            }
        }

        return ExitCode.Ok;
    }
}
