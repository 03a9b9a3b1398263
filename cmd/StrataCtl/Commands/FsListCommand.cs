using System.CommandLine;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary><c>fs ls</c>: a directory, all pages of it.</summary>
internal static class FsListCommand
{
    /// <summary>Pages followed; a service that never ends its listing must not fill the memory. At 1000 entries a page, a million entries.</summary>
    public const int MaxPages = 1000;

    public static Command Create(Cli cli)
    {
        var path = FsArguments.Directory(cli);
        return cli.Command(
            "ls", "Lists a directory.", [path], ["strata-ctl fs ls", "strata-ctl fs ls reports --json | jq -r '.entries[].name'"],
            (session, parsed, cancellation) => RunAsync(session, parsed.GetValue(path) ?? ".", cancellation));
    }

    private static async Task<int> RunAsync(Session session, string path, CancellationToken cancellation)
    {
        var entries = await FetchAsync(session, path, cancellation).ConfigureAwait(false);
        if (session.Out.Json)
        {
            session.Out.List("entries", entries, WireJson.Default.DirectoryEntry);
            return ExitCode.Ok;
        }

        var table = new Table("KIND", ">SIZE", "NAME");
        foreach (var entry in entries)
        {
            table.Add(entry.Kind, entry.IsDir ? "-" : entry.Size, new Cell(entry.IsDir ? $"{entry.Name}/" : entry.Name, entry.IsDir ? Tone.Heading : Tone.Plain));
        }

        session.Out.Table(table);
        return ExitCode.Ok;
    }

    private static async Task<List<DirectoryEntry>> FetchAsync(Session session, string path, CancellationToken cancellation)
    {
        var entries = new List<DirectoryEntry>();
        string? cursor = null;
        for (var page = 0; page < MaxPages; page++)
        {
            var call = Call.Of("fs.list", new ListParams(path, cursor), WireJson.Default.ListParams) with { WithToken = true, Resource = path };
            var result = await session.Node.CallAsync(call, WireJson.Default.ListResult, cancellation).ConfigureAwait(false);
            entries.AddRange(result.Entries);
            if (result.Next is null)
            {
                return entries;
            }

            cursor = result.Next;
        }

        session.Notice($"the listing goes on; shown are the first {entries.Count} entries");
        return entries;
    }
}
