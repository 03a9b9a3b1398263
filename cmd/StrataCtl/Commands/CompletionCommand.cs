using System.CommandLine;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Completion;

namespace Strata.StrataCtl.Commands;

/// <summary><c>completion</c>: a script by which a shell completes command lines.</summary>
internal static class CompletionCommand
{
    public static Command Create(Cli cli)
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh or fish", HelpName = "bash|zsh|fish" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        return cli.Command(
            "completion", "Prints a completion script for a shell.", [shell],
            [
                "source <(strata-ctl completion bash)",
                "strata-ctl completion zsh > \"${fpath[1]}/_strata-ctl\"",
                "strata-ctl completion fish > ~/.config/fish/completions/strata-ctl.fish",
            ],
            (session, parsed, _) =>
            {
                session.Out.Raw(CompletionScripts.For(parsed.GetRequiredValue(shell)));
                return Task.FromResult(ExitCode.Ok);
            });
    }
}
