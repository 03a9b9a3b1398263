using System.CommandLine;
using Strata.Contracts;
using Strata.Ipc;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary><c>events</c>: what the supervisor did, and what it does while one watches.</summary>
internal static class EventsCommand
{
    private const string CaughtUp = "caught_up";

    public static Command Create(Cli cli)
    {
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on with new events until interrupted" };
        var from = new Option<long?>("--from") { Description = "Number of the first event wanted [default: all that are kept]", HelpName = "SEQ" };
        var service = new Option<string?>("--service") { Description = "Only events of this service", HelpName = "NAME" };
        return cli.Command(
            "events", "Shows the supervisor's events.", [follow, from, service],
            ["strata-ctl events", "strata-ctl events -f --service fs", "strata-ctl events -f --json | jq -r .event"],
            (session, parsed, cancellation) => RunAsync(
                session, parsed.GetValue(from) ?? 0, parsed.GetValue(service), parsed.GetValue(follow), cancellation));
    }

    private static async Task<int> RunAsync(Session session, long from, string? service, bool follow, CancellationToken cancellation)
    {
        if (from < 0)
        {
            throw new UsageException("--from takes the number of an event, 0 or more");
        }

        var call = Call.Of("supervisor.events", new EventsParams(from, Mark: true), WireJson.Default.EventsParams);
        await foreach (var item in session.Node.StreamAsync(call, cancellation).ConfigureAwait(false))
        {
            // The last frame of a stream carries no event.
            if (item.Continues && !Show(session.Out, item, service) && !follow)
            {
                break;
            }
        }

        return ExitCode.Ok;
    }

    /// <summary>Shows one event.</summary>
    /// <returns>False for the mark where the kept events end.</returns>
    private static bool Show(OutputWriter output, RpcResponse item, string? service)
    {
        var it = item.Get(WireJson.Default.SupervisorEvent);
        if (it.Event == CaughtUp)
        {
            return false;
        }

        // What concerns the stream itself concerns whoever follows one service, too.
        if (service is not null && it.Service != service && it.Event is not ("gap" or "reset"))
        {
            return true;
        }

        if (output.Json)
        {
            output.JsonLine(item.Result);
        }
        else
        {
            output.Raw(EventLine.Of(it, output.Coloured));
        }

        return true;
    }
}
