using System.Text;

namespace Strata.EndToEnd.Tests;

public sealed class ReadmeTests
{
    /// <summary>Runs the tour's commands in one shell, as a reader would, and compares what they print with what is shown.</summary>
    [Fact]
    public async Task The_tour_works_as_written()
    {
        await using var node = Node.Prepare();
        node.Settings["STRATA_NODE_ID"] = null;
        await node.LaunchAsync();
        var commands = ConsoleBlocks.Of(Checkout.Read("README.md")).Where(c => !c.Text.StartsWith("./", StringComparison.Ordinal)).ToList();
        Assert.True(commands.Count >= 8, "the tour has shrunk");

        const string mark = "==8<== ";
        var script = new StringBuilder("cd " + Checkout.Root + "\n");

        // What the tour starts in the background ends with it, also when it breaks off.
        script.AppendLine("trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT");
        foreach (var command in commands)
        {
            script.AppendLine(Substitute(command.Text, node)).AppendLine($"printf '{mark}%s\\n' $?");
        }

        var environment = new Dictionary<string, string?>(node.Settings) { ["HOME"] = node.Folder };
        var result = await Command.RunAsync("bash", ["-c", "exec 2>&1\n" + script], environment);
        var rest = result.Output;
        foreach (var command in commands)
        {
            var end = rest.IndexOf(mark, StringComparison.Ordinal);
            Assert.True(end >= 0, $"README.md:{command.Line}: {command.Text}: the shell ended\n{result.Output}");
            var output = rest[..end];
            rest = rest[(rest.IndexOf('\n', end) + 1)..];
            Assert.True(command.Matches(output), $"README.md:{command.Line}: {command.Text}\nprints\n{output}\ninstead of\n{string.Join('\n', command.Expected)}");
        }
    }

    /// <summary>The tour runs beside other nodes: only where things lie differs.</summary>
    private static string Substitute(string command, Node node) => command
        .Replace("$PWD/.run", node.RuntimeDir, StringComparison.Ordinal)
        .Replace("/tmp/tour", node.DataDir, StringComparison.Ordinal);
}
