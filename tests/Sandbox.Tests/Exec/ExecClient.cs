using System.Text;
using System.Text.Json;
using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Sandbox.Tests;

/// <summary>What a command said, put together.</summary>
internal sealed record Ran(string Output, string Errors, SandboxExecEnd End)
{
    internal byte[] Bytes { get; init; } = [];

    internal byte[] ErrorBytes { get; init; } = [];
}

/// <summary>Runs commands through the service's socket.</summary>
internal static class ExecClient
{
    /// <summary>Runs a command in the session <c>s</c> and reads its one answer.</summary>
    internal static async Task<Ran> RunAsync(this SandboxClient client, string command, string further = "") =>
        Read([(await client.CallAsync("exec", Params(command, further))).Get(ContractsJson.Default.SandboxExecItem)]);

    /// <summary>The same, as a stream.</summary>
    internal static async Task<Ran> StreamedAsync(this SandboxClient client, string command, string further = "", CancellationToken cancellation = default)
    {
        var items = new List<SandboxExecItem>();
        await foreach (var item in client.StreamAsync("exec", Params(command, further), cancellation))
        {
            Assert.Null(item.Error);
            if (item.Continues)
            {
                items.Add(item.Get(ContractsJson.Default.SandboxExecItem));
            }
        }

        return Read(items);
    }

    internal static string Params(string command, string further = "") => $$"""{"session":"s","command":{{Text(command)}}{{further}}}""";

    internal static string Text(string text) => $"\"{JsonEncodedText.Encode(text)}\"";

    internal static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static Ran Read(IReadOnlyList<SandboxExecItem> items)
    {
        var output = items.SelectMany(i => i.StdoutB64 is { } b ? b.ToArray() : []).ToArray();
        var errors = items.SelectMany(i => i.StderrB64 is { } b ? b.ToArray() : []).ToArray();
        Assert.NotNull(items[^1].End);
        return new Ran(Encoding.UTF8.GetString(output), Encoding.UTF8.GetString(errors), items[^1].End!) { Bytes = output, ErrorBytes = errors };
    }
}
