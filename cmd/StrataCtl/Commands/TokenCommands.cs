using System.CommandLine;
using Strata.StrataCtl.CommandLine;

namespace Strata.StrataCtl.Commands;

/// <summary><c>token</c>: capabilities.</summary>
internal static class TokenCommands
{
    public static Command Create(Cli cli) => cli.Family(
        "token", "Issues, narrows, shows and revokes capabilities.",
        TokenIssueCommand.Create(cli), TokenAttenuateCommand.Create(cli), TokenRenewCommand.Create(cli), TokenListCommand.Create(cli), TokenShowCommand.Create(cli), TokenRevokeCommand.Create(cli));
}
