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
    /// <summary>The stream does not say where the kept events end; so long a silence says it.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(300);

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

        var call = Call.Of("supervisor.events", new EventsParams(from), WireJson.Default.EventsParams);
        var items = session.Node.StreamAsync(call, cancellation).GetAsyncEnumerator(cancellation);
        Task<bool>? more = null;
        try
        {
            while (await (more = items.MoveNextAsync().AsTask()).WaitAsync(Patience(follow, more), session.Around.Time, cancellation).ConfigureAwait(false))
            {
                Show(session.Out, items.Current, service);
            }
        }
        catch (TimeoutException)
        {
            // Every kept event has been shown.
            return ExitCode.Ok;
        }

        await items.DisposeAsync().ConfigureAwait(false);
        return ExitCode.Ok;
    }

    private static TimeSpan Patience(bool follow, Task<bool> more) => follow || more.IsCompleted ? Timeout.InfiniteTimeSpan : Silence;

    private static void Show(OutputWriter output, RpcResponse item, string? service)
    {
        // The last frame of a stream may carry nothing.
        if (item.Result.Length <= 2)
        {
            return;
        }

        var it = item.Get(WireJson.Default.SupervisorEvent);
        if (service is not null && it.Service != service)
        {
            return;
        }

        if (output.Json)
        {
            output.JsonLine(item.Result);
        }
        else
        {
            output.Raw(EventLine.Of(it, output.Coloured));
        }
    }
}
