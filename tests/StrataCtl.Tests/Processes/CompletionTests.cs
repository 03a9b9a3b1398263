using Strata.StrataCtl.Completion;
using Strata.StrataCtl.Tests.Fakes;

namespace Strata.StrataCtl.Tests.Processes;

public class CompletionTests
{
    private static readonly CtlSettings Patient = new() { Variables = { [NodeNames.LimitVariable] = "30s" } };

    private static FakeNode Node() => new FakeNode("supervisor", "registry", "fs")
        .On("supervisor.svc.list", """{"services":[{"name":"fs","state":"Healthy","pid":1},{"name":"registry","state":"Healthy","pid":1},{"name":"$(reboot)","state":"Healthy","pid":1}]}""")
        .On("registry.list", """{"services":[{"service":"fs","endpoint":"unix:///x","api_v":1}]}""")
        .On("fs.describe", """{"service":"fs","protocol":1,"methods":[{"name":"fs.open"},{"name":"fs.read"},{"name":"fs.`reboot`"}]}""");

    [Theory]
    [InlineData("s", "sandbox status supervisor svc")]
    [InlineData("svc st", "start stop")]
    [InlineData("svc start ", "fs registry")]
    [InlineData("svc start r", "registry")]
    [InlineData("call fs.o", "fs.open")]
    [InlineData("describe fs.", "fs.open fs.read")]
    [InlineData("describe r", "registry")]
    [InlineData("fs.r", "fs.read")]
    [InlineData("svc stop --d", "--drain")]
    [InlineData("completion ", "bash fish zsh")]
    [InlineData("token issue --service ", "fs registry")]
    [InlineData("--token x fs s", "stat")]
    public async Task Candidates_are_commands_options_and_plain_names_of_the_node(string line, string expected)
    {
        await using var node = Node();
        var run = await CtlRun.Of(node, Patient, [CompletionCandidates.CommandName, .. line.Split(' ')]);
        Assert.Equal(expected, run.Output.TrimEnd('\n').Replace('\n', ' '));
    }

    [Fact]
    public async Task Without_a_node_there_are_still_commands_and_no_errors()
    {
        await using var node = new FakeNode();
        Assert.Equal((0, "", ""), Plain(await CtlRun.Of(node, CompletionCandidates.CommandName, "svc", "start", "")));
        Assert.Equal((0, "fs\n", ""), Plain(await CtlRun.Of(node, CompletionCandidates.CommandName, "f")));

        static (int, string, string) Plain(CtlRun run) => (run.Code, run.Output, run.Error);
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public async Task The_script_completes_in_its_shell(string shell)
    {
        Assert.SkipWhen(CtlProcess.Find(shell) is null, $"{shell} is not installed");
        await using var node = Node();
        Assert.Equal("start stop", await CompleteAsync(node, shell, "strata-ctl svc st"));
        Assert.Equal("fs registry", await CompleteAsync(node, shell, "strata-ctl svc start "));
        Assert.Equal("fs.open fs.read", await CompleteAsync(node, shell, "strata-ctl call fs."));
        Assert.Equal("--drain", await CompleteAsync(node, shell, "strata-ctl svc stop --dr"));
    }

    /// <summary>Does what the shell does on tab; zsh has no such door, so its completer's own call is made with a stand-in for compadd.</summary>
    private static async Task<string> CompleteAsync(FakeNode node, string shell, string line)
    {
        var words = line.Split(' ');
        var script = shell switch
        {
            "bash" => $"source <(strata-ctl completion bash); COMP_WORDS=({string.Join(' ', words.Select(w => $"'{w}'"))}); COMP_CWORD={words.Length - 1}; _strata_ctl; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            "zsh" => $"compdef() {{ }}; compadd() {{ print -l -- \"${{candidates[@]}}\" }}; source <(strata-ctl completion zsh); words=({string.Join(' ', words.Select(w => $"'{w}'"))}); CURRENT={words.Length}; _strata_ctl",
            _ => $"strata-ctl completion fish | source; complete -C '{line}'",
        };
        var (_, output, error) = await CtlProcess.RunAsync(node, shell, shell == "bash" ? ["--norc", "-c", script] : ["-c", script]);
        Assert.Equal("", error);
        return string.Join(' ', output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
    }
}
