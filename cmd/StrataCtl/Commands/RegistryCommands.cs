using System.CommandLine;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Completion;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary><c>registry</c>: who serves what, and where.</summary>
internal static class RegistryCommands
{
    public static Command Create(Cli cli)
    {
        var name = new Argument<string>("SERVICE") { Description = "Name of the service", HelpName = "SERVICE" };
        name.CompletionSources.Add(context => NodeNames.Services(context.ParseResult, cli));
        return cli.Family(
            "registry", "Lists and resolves registered services.",
            cli.Command("list", "Lists every registered service.", [], ["strata-ctl registry list"], ListAsync),
            cli.Command(
                "resolve", "Prints where a service is.", [name], ["strata-ctl registry resolve fs"],
                (session, parsed, cancellation) => ResolveAsync(session, parsed.GetRequiredValue(name), cancellation)));
    }

    private static async Task<int> ListAsync(Session session, ParseResult parsed, CancellationToken cancellation)
    {
        var response = await session.Node.SendAsync(new Call("registry.list"), cancellation).ConfigureAwait(false);
        if (session.Out.Json)
        {
            session.Out.Document(response.Result);
            return ExitCode.Ok;
        }

        var table = new Table("SERVICE", "ENDPOINT", ">API", "DECLARED", ">OWNER UID");
        foreach (var entry in response.Get(WireJson.Default.RegistryList).Services)
        {
            table.Add(
                entry.Service, entry.Endpoint, entry.ApiV, entry.Declared switch { true => "yes", false => "no", _ => "-" },
                entry.OwnerUid is { } uid ? uid : "-");
        }

        session.Out.Table(table);
        return ExitCode.Ok;
    }

    private static async Task<int> ResolveAsync(Session session, string name, CancellationToken cancellation)
    {
        var call = Call.Of("registry.resolve", new ServiceName(name), WireJson.Default.ServiceName) with { Resource = name };
        var response = await session.Node.SendAsync(call, cancellation).ConfigureAwait(false);
        if (session.Out.Json)
        {
            session.Out.Document(response.Result);
        }
        else
        {
            session.Out.Line(response.Get(WireJson.Default.ResolveResult).Endpoint);
        }

        return ExitCode.Ok;
    }
}
