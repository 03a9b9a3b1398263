using System.Text.Json.Nodes;

namespace Strata.Ipc.Tests;

/// <summary>The protocol page, cut into its method sections and examples.</summary>
internal sealed class ProtocolPage
{
    private const string Heading = "### `";

    private ProtocolPage(string[] lines)
    {
        Lines = lines;
        var starts = Enumerable.Range(0, lines.Length).Where(i => lines[i].StartsWith(Heading, StringComparison.Ordinal)).ToArray();
        Sections = starts.ToDictionary(
            i => lines[i][Heading.Length..^1],
            i => (IReadOnlyList<string>)[.. lines[(i + 1)..].TakeWhile(l => !l.StartsWith("##", StringComparison.Ordinal))]);
        Examples = [.. Blocks(lines)];
    }

    public IReadOnlyList<string> Lines { get; }

    /// <summary>The lines of every method's section.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Sections { get; }

    /// <summary>Every example in order: is it a request, and what does it say.</summary>
    public IReadOnlyList<(bool IsRequest, JsonObject Json)> Examples { get; }

    public static ProtocolPage Load()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory!.FullName, "StrataOS.sln")))
        {
            directory = directory.Parent;
        }

        return new ProtocolPage(File.ReadAllLines(Path.Combine(directory.FullName, "api", "protocol.md")));
    }

    private static IEnumerable<(bool, JsonObject)> Blocks(string[] lines)
    {
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i] is "```json request" or "```json response")
            {
                var text = string.Join('\n', lines[(i + 1)..].TakeWhile(l => l != "```"));
                yield return (lines[i] == "```json request", JsonNode.Parse(text)!.AsObject());
            }
        }
    }
}
