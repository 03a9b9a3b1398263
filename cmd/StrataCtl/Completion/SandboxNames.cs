using System.CommandLine.Completions;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;

namespace Strata.StrataCtl.Completion;

/// <summary>Names of the caller's sessions.</summary>
internal static class SandboxNames
{
    public static IEnumerable<string> Of(CompletionContext context, Cli cli)
    {
        var parsed = context.ParseResult;
        try
        {
            var directory = SocketResolver.RuntimeDirectory(parsed.GetValue(cli.Globals.RuntimeDir), cli.Around);
            var token = TokenSource.Find(parsed.GetValue(cli.Globals.Token), parsed.GetValue(cli.Globals.TokenFile), cli.Around, _ => { });
            return token is null ? [] : NodeNames.Ask(directory, cli.Around, token, AskAsync, IsPlain);
        }
        catch (UsageException)
        {
            return [];
        }
    }

    private static bool IsPlain(string name) => name.Length > 0 && char.IsAsciiLetterOrDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    private static async Task<IEnumerable<string>> AskAsync(Node node, CancellationToken cancellation)
    {
        var call = Call.Of("sandbox.list", new SandboxListParams(), WireJson.Default.SandboxListParams) with { WithToken = true };
        var list = await node.CallAsync(call, WireJson.Default.SandboxList, cancellation).ConfigureAwait(false);
        return list.Sessions.Select(s => s.Session);
    }
}
