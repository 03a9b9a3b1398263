using System.CommandLine;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary><c>graph</c>: which service depends on which, and what the last start waited for.</summary>
internal static class GraphCommand
{
    public static Command Create(Cli cli)
    {
        var format = new Option<string?>("--format") { Description = "text, mermaid or json [default: text]", HelpName = "FORMAT" };
        format.AcceptOnlyFromAmong("text", "mermaid", "json");
        var chain = new Option<bool>("--critical-chain") { Description = "The services that the last start of the node waited for, one after another, with times" };
        return cli.Command(
            "graph", "Shows which service depends on which.", [format, chain],
            ["strata-ctl graph", "strata-ctl graph --format mermaid > graph.mmd", "strata-ctl graph --critical-chain"],
            (session, parsed, cancellation) => RunAsync(session, parsed.GetValue(format), parsed.GetValue(chain), cancellation));
    }

    private static async Task<int> RunAsync(Session session, string? format, bool chain, CancellationToken cancellation)
    {
        var response = await session.Node.SendAsync(new Call("supervisor.graph"), cancellation).ConfigureAwait(false);
        var services = response.Get(WireJson.Default.ServiceGraph).Services;
        switch (format)
        {
            case "mermaid" when chain || session.Out.Json:
                throw new UsageException("--format mermaid draws the whole graph; leave out " + (chain ? "--critical-chain" : "--json"));
            case "mermaid":
                session.Out.Raw(MermaidGraph.Of(services));
                break;
            case var _ when format == "json" || session.Out.Json:
                if (chain)
                {
                    var links = CriticalChain.Of(services);
                    session.Out.Document(json => CriticalChain.Write(json, links));
                }
                else
                {
                    session.Out.Document(response.Result);
                }

                break;
            default:
                session.Out.Table(chain ? ChainTable(CriticalChain.Of(services)) : DependencyTable(services));
                break;
        }

        return ExitCode.Ok;
    }

    private static Table DependencyTable(IReadOnlyList<GraphService> services)
    {
        var table = new Table("SERVICE", "STATE", "REQUIRES", "WANTS", "NEEDED BY", "DESCRIPTION");
        foreach (var service in services)
        {
            var dependants = services.Where(s => s.Requires.Contains(service.Name) || s.Wants.Contains(service.Name)).Select(s => s.Name);
            table.Add(
                service.Name, new Cell(service.State, ServiceTable.ToneOf(service.State)), Names(service.Requires), Names(service.Wants), Names(dependants),
                new Cell(service.Description ?? "-", Tone.Faint));
        }

        return table;
    }

    private static Table ChainTable(IReadOnlyList<GraphService> links)
    {
        var table = new Table("SERVICE", ">STARTED AT", ">TOOK", ">READY AT");
        foreach (var link in links)
        {
            table.Add(link.Name, Durations.ShowMs(link.StartedMs), Durations.ShowMs(link.ReadyMs - link.StartedMs), Durations.ShowMs(link.ReadyMs));
        }

        return table;
    }

    private static string Names(IEnumerable<string> names) => string.Join(", ", names) is { Length: > 0 } text ? text : "-";
}
