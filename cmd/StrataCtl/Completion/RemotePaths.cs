using System.CommandLine.Completions;
using System.Text.Json;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;

namespace Strata.StrataCtl.Completion;

/// <summary>Paths beneath the capability's prefix, for the shell; none when the node cannot be asked quickly or no token is at hand.</summary>
internal static class RemotePaths
{
    /// <summary>Entries offered at most.</summary>
    public const int MaxEntries = 500;

    /// <summary>What may follow the word typed so far: the entries of the directory it is in.</summary>
    public static IEnumerable<CompletionItem> Of(CompletionContext context, Cli cli)
    {
        var (parsed, word) = (context.ParseResult, context.WordToComplete);
        var slash = word.LastIndexOf('/');
        var directory = slash < 0 ? "." : slash == 0 ? "/" : word[..slash];
        try
        {
            var token = TokenSource.Find(parsed.GetValue(cli.Globals.Token), parsed.GetValue(cli.Globals.TokenFile), cli.Around, _ => { });
            return token is null ? [] : NodeNames.Ask(
                SocketResolver.RuntimeDirectory(parsed.GetValue(cli.Globals.RuntimeDir), cli.Around), cli.Around, token,
                (node, cancellation) => ListAsync(node, directory, word[..(slash + 1)], cancellation), IsPlain).Select(path => new CompletionItem(path));
        }
        catch (UsageException)
        {
            return [];
        }
    }

    private static async Task<IEnumerable<string>> ListAsync(Node node, string directory, string head, CancellationToken cancellation)
    {
        var call = Call.Of("fs.list", new ListParams(directory, Limit: MaxEntries), WireJson.Default.ListParams) with { WithToken = true };
        var page = await node.CallAsync(call, WireJson.Default.ListResult, cancellation).ConfigureAwait(false);
        return page.Entries.Where(e => e.NameB64 is null).Select(e => $"{head}{e.Name}{(e.IsDir ? "/" : "")}");
    }

    /// <summary>A shell inserts what it is given: nothing that means anything to it may come from a file's name.</summary>
    internal static bool IsPlain(string path) =>
        path.Length is > 0 and <= 1024 && path[0] is not ('-' or '~') && path.All(c => char.IsLetterOrDigit(c) || c is '.' or '-' or '_' or '/' or '+' or '@' or ',' or '%');
}
