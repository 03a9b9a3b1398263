using System.CommandLine;
using System.Text.Json;
using Strata.Contracts;
using Strata.Ipc;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Completion;

/// <summary>Names that only the running node knows; none when it cannot be asked quickly.</summary>
internal static class NodeNames
{
    /// <summary>How long the node may take, where the default does not suit a slow machine, e.g. <c>2s</c>.</summary>
    public const string LimitVariable = "STRATA_COMPLETION_TIMEOUT";

    /// <summary>Somebody waits with a finger on the tab key.</summary>
    private static readonly TimeSpan DefaultLimit = TimeSpan.FromMilliseconds(700);

    public static IEnumerable<string> Services(ParseResult parsed, Cli cli) => Ask(Directory(parsed, cli), cli.Around, ServicesAsync);

    public static IEnumerable<string> Methods(ParseResult parsed, Cli cli) => Methods(Directory(parsed, cli), cli.Around);

    public static IEnumerable<string> Methods(string runtimeDirectory, Surroundings around) => Ask(runtimeDirectory, around, MethodsAsync);

    private static string Directory(ParseResult parsed, Cli cli) =>
        SocketResolver.RuntimeDirectory(parsed.GetValue(cli.Globals.RuntimeDir), cli.Around);

    private static string[] Ask(string runtimeDirectory, Surroundings around, Func<Node, CancellationToken, Task<IEnumerable<string>>> question) =>
        Ask(runtimeDirectory, around, token: null, question, IsPlain);

    /// <summary>Asks a node, within the time that somebody at a keyboard has; nothing when it cannot be asked.</summary>
    public static string[] Ask(
        string runtimeDirectory, Surroundings around, string? token, Func<Node, CancellationToken, Task<IEnumerable<string>>> question, Func<string, bool> isPlain)
    {
        // What is wrong with a setting cannot be said on somebody's command line: the default holds then.
        var limit = Durations.Parse(around.Variable(LimitVariable) ?? "") ?? DefaultLimit;
        using var cancellation = new CancellationTokenSource(limit);
        try
        {
            var names = Task.Run(() => AskAsync(runtimeDirectory, around, limit, token, question, cancellation.Token), cancellation.Token).GetAwaiter().GetResult();
            // A shell inserts what it is given: nothing but plain names may come from a service.
            return [.. names.Where(isPlain)];
        }
        catch (Exception e) when (e is CallFailedException or UsageException or OperationCanceledException or JsonException)
        {
            return [];
        }
    }

    private static async Task<IEnumerable<string>> AskAsync(
        string runtimeDirectory, Surroundings around, TimeSpan limit, string? token, Func<Node, CancellationToken, Task<IEnumerable<string>>> question, CancellationToken cancellation)
    {
        var node = new Node(new SocketResolver(runtimeDirectory, _ => { }), limit, _ => token, new HolderKeySource(null, around, _ => { }).SignerFor, around.Time);
        await using (node.ConfigureAwait(false))
        {
            return await question(node, cancellation).ConfigureAwait(false);
        }
    }

    private static async Task<IEnumerable<string>> ServicesAsync(Node node, CancellationToken cancellation)
    {
        var list = await node.CallAsync(new Call("supervisor.svc.list"), WireJson.Default.ServiceList, cancellation).ConfigureAwait(false);
        return list.Services.Select(s => s.Name);
    }

    private static async Task<IEnumerable<string>> MethodsAsync(Node node, CancellationToken cancellation)
    {
        var found = await NodeDescription.AllAsync(node, (_, _) => { }, cancellation).ConfigureAwait(false);
        return found.SelectMany(s => s.Methods).Select(m => m.Name);
    }

    private static bool IsPlain(string name) =>
        name.Length is > 0 and <= 128 && name[0] != '-' && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');
}
