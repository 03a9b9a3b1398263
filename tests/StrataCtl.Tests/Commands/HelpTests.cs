using System.CommandLine;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Tests.Fakes;

namespace Strata.StrataCtl.Tests.Commands;

public class HelpTests
{
    [Fact]
    public async Task Every_command_has_help_with_examples_that_parse_and_asks_no_service()
    {
        await using var node = new FakeNode("supervisor", "registry");
        foreach (var path in Paths(CommandTree.Build(Surroundings.OfThisProcess()), []))
        {
            var run = await CtlRun.Of(node, [.. path, "--help"]);
            var examples = run.Output[run.Output.IndexOf("Examples:\n", StringComparison.Ordinal)..].Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal((0, ""), (run.Code, run.Error));
            Assert.True(examples.Length > 1, $"{string.Join(' ', path)} has no examples");
            Assert.All(examples[1..], example => Assert.Contains("strata-ctl " + string.Join(' ', path), example, StringComparison.Ordinal));
        }

        Assert.Empty(node.Requests);
    }

    [Fact]
    public void No_command_can_be_taken_for_a_method() =>
        Assert.All(Paths(CommandTree.Build(Surroundings.OfThisProcess()), []).SelectMany(p => p), name => Assert.DoesNotContain('.', name));

    [Fact]
    public async Task The_version_is_printed()
    {
        await using var node = new FakeNode();
        Assert.Matches("^strata-ctl [0-9]+\\.[0-9]+\\.[0-9]+\n$", (await CtlRun.Of(node, "--version")).Output);
    }

    private static IEnumerable<string[]> Paths(Command command, string[] above) =>
        command.Subcommands.SelectMany(c => Paths(c, [.. above, c.Name])).Prepend(above);
}
