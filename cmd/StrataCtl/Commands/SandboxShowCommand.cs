using System.CommandLine;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary><c>sandbox show</c>: all that is told of one session, and the lines that <c>sandbox create</c> shares with it.</summary>
internal static class SandboxShowCommand
{
    public static Command Create(Cli cli)
    {
        var name = SandboxArguments.Session(cli);
        return cli.Command(
            "show", "Shows what a session is: its limits, network, variables, and what became of it; never the value of a secret.", [name],
            ["strata-ctl sandbox show work", "strata-ctl sandbox show work --json | jq .limits"],
            async (session, parsed, cancellation) =>
            {
                var response = await session.Node.SendAsync(SandboxArguments.CallOf("get", parsed.GetRequiredValue(name)), cancellation).ConfigureAwait(false);
                if (session.Out.Json)
                {
                    session.Out.Document(response.Result);
                    return ExitCode.Ok;
                }

                var info = response.Get(WireJson.Default.SandboxInfo);
                session.Out.Fields([("session", info.Session), ("owner", info.Owner), .. Lines(info), .. Details(info)]);
                return ExitCode.Ok;
            });
    }

    /// <summary>What everybody wants to know.</summary>
    public static IEnumerable<(string Name, Cell Value)> Lines(SandboxInfo info) =>
    [
        ("state", new Cell(info.State, ServiceTable.ToneOf(info.State))), ("image", info.Image), ("network", info.Network), ("limits", SandboxText.Limits(info.Limits)),
        ("enforced by", SandboxText.EnforcedBy(info)), ("workspace", info.Workspace ?? "-"), ("expires", info.Expires), ("ends", info.EndsAt),
    ];

    private static IEnumerable<(string Name, Cell Value)> Details(SandboxInfo info) =>
    [
        ("created", info.Created), ("user", info.User), ("host name", info.Hostname), ("may reach", Words(info.Allow?.Select(SandboxNetworkCommand.Text))), ("labels", Words(Pairs(info.Labels))),
        ("variables", Words(Pairs(info.Environment))), ("secrets", Words(info.Secrets)), ("placeholders", Words(info.Placeholders)), ("engine", info.Engine), ("id", info.Id), ("note", SandboxText.Note(info)),
    ];

    private static IEnumerable<string>? Pairs(IReadOnlyDictionary<string, string>? pairs) => pairs?.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={p.Value}");

    private static string Words(IEnumerable<string>? words) => words is null ? "-" : string.Join(", ", words);
}
