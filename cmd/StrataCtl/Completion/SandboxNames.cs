using System.CommandLine.Completions;
using System.Text.Json.Serialization.Metadata;
using Strata.Contracts;
using Strata.Ipc;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;

namespace Strata.StrataCtl.Completion;

/// <summary>Names of what the caller has in the sandbox service; none when the node cannot be asked quickly or no token is at hand.</summary>
internal static class SandboxNames
{
    /// <summary>The image that every node has.</summary>
    private const string Host = "host";

    public static Func<CompletionContext, IEnumerable<CompletionItem>> Sessions(Cli cli) => Of(cli, SessionsAsync);

    public static Func<CompletionContext, IEnumerable<CompletionItem>> Workspaces(Cli cli) => Of(cli, WorkspacesAsync);

    public static Func<CompletionContext, IEnumerable<CompletionItem>> Snapshots(Cli cli) => Of(cli, SnapshotsAsync);

    /// <summary>What a session may start from.</summary>
    public static Func<CompletionContext, IEnumerable<CompletionItem>> Images(Cli cli) => Of(cli, async (node, cancellation) => [Host, .. await ImagesAsync(node, cancellation).ConfigureAwait(false)]);

    /// <summary>Images that are stored.</summary>
    public static Func<CompletionContext, IEnumerable<CompletionItem>> StoredImages(Cli cli) => Of(cli, ImagesAsync);

    private static Func<CompletionContext, IEnumerable<CompletionItem>> Of(Cli cli, Func<Node, CancellationToken, Task<IEnumerable<string>>> question) => context =>
    {
        var parsed = context.ParseResult;
        try
        {
            var directory = SocketResolver.RuntimeDirectory(parsed.GetValue(cli.Globals.RuntimeDir), cli.Around);
            var token = TokenSource.Find(parsed.GetValue(cli.Globals.Token), parsed.GetValue(cli.Globals.TokenFile), cli.Around, _ => { });
            return token is null ? [] : NodeNames.Ask(directory, cli.Around, token, question, IsPlain).Select(name => new CompletionItem(name));
        }
        catch (UsageException)
        {
            return [];
        }
    };

    private static bool IsPlain(string name) => name.Length > 0 && char.IsAsciiLetterOrDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '/' or ':' or '@');

    private static async Task<IEnumerable<string>> SessionsAsync(Node node, CancellationToken cancellation) =>
        (await AskAsync(node, "sandbox.list", WireJson.Default.SandboxList, cancellation).ConfigureAwait(false)).Sessions.Select(s => s.Session);

    private static async Task<IEnumerable<string>> WorkspacesAsync(Node node, CancellationToken cancellation) =>
        (await AskAsync(node, "sandbox.workspace_list", WireJson.Default.SandboxWorkspaces, cancellation).ConfigureAwait(false)).Workspaces.Select(w => w.Workspace);

    private static async Task<IEnumerable<string>> SnapshotsAsync(Node node, CancellationToken cancellation) =>
        (await AskAsync(node, "sandbox.snapshots", WireJson.Default.SandboxSnapshots, cancellation).ConfigureAwait(false)).Snapshots.Select(s => s.Snapshot);

    private static async Task<IEnumerable<string>> ImagesAsync(Node node, CancellationToken cancellation) =>
        (await AskAsync(node, "sandbox.image_list", WireJson.Default.SandboxImageList, cancellation).ConfigureAwait(false)).Images.SelectMany(i => i.Names).Where(name => !name.Contains('@', StringComparison.Ordinal));

    private static Task<T> AskAsync<T>(Node node, string method, JsonTypeInfo<T> type, CancellationToken cancellation) =>
        node.CallAsync(Call.Of(method, new NoParams(), WireJson.Default.NoParams) with { WithToken = true }, type, cancellation);
}
