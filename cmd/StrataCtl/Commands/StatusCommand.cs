using System.CommandLine;
using System.Text.Json;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary><c>status</c>: the node and its services on one screen.</summary>
internal static class StatusCommand
{
    /// <summary>How soon a node that is not ready is asked again.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);

    public static Command Create(Cli cli)
    {
        var wait = new Option<string?>("--wait") { Description = "First wait, at most so long, until every service is Healthy, Completed or Waiting (exit 1 when they are not)", HelpName = "TIME" };
        return cli.Command(
            "status", "Shows the node and its services.", [wait],
            ["strata-ctl status", "strata-ctl status --wait 10s", "strata-ctl status --json | jq -r '.services[] | select(.state != \"Healthy\") | .name'"],
            (session, parsed, cancellation) => RunAsync(session, parsed.GetValue(wait), cancellation));
    }

    private static async Task<int> RunAsync(Session session, string? wait, CancellationToken cancellation)
    {
        var ready = true;
        if (wait is not null)
        {
            var limit = Durations.Parse(wait) ?? throw new UsageException($"--wait takes a time such as 10s, not \"{wait}\"");
            ready = await WaitAsync(session, limit, cancellation).ConfigureAwait(false);
        }

        var code = await ShowAsync(session, cancellation).ConfigureAwait(false);
        return ready ? code : ExitCode.Refused;
    }

    /// <summary>Waits until every service is Healthy; false when time ran out. A node that is not there yet is waited for, too.</summary>
    private static async Task<bool> WaitAsync(Session session, TimeSpan limit, CancellationToken cancellation)
    {
        var time = session.Around.Time;
        var since = time.GetTimestamp();
        while (true)
        {
            try
            {
                var list = await session.Node.CallAsync(new Call("supervisor.svc.list"), WireJson.Default.ServiceList, cancellation).ConfigureAwait(false);
                if (list.Services.All(s => s.State is "Healthy" or "Completed" or "Waiting" or "Listening"))
                {
                    return true;
                }
            }
            catch (CallFailedException e) when (!e.Failure.Answered && time.GetElapsedTime(since) < limit)
            {
                // Nobody listens yet.
            }

            if (time.GetElapsedTime(since) >= limit)
            {
                return false;
            }

            await Task.Delay(Pause, time, cancellation).ConfigureAwait(false);
        }
    }

    private static async Task<int> ShowAsync(Session session, CancellationToken cancellation)
    {
        var node = await session.Node.SendAsync(new Call("supervisor.status"), cancellation).ConfigureAwait(false);
        var services = await session.Node.SendAsync(new Call("supervisor.svc.list"), cancellation).ConfigureAwait(false);
        if (session.Out.Json)
        {
            session.Out.Document(json => Merge(json, node.Result, services.Result));
            return ExitCode.Ok;
        }

        var status = node.Get(WireJson.Default.NodeStatus);
        session.Out.Fields(
        [
            ("node", status.NodeId),
            ("state", new Cell(status.State ?? "-", ToneOf(status.State))),
            ("uptime", status.UptimeSec == 0 ? "under 1s" : Durations.Show(TimeSpan.FromSeconds(status.UptimeSec))),
            ("version", status.Version ?? "-"),
            ("runtime dir", session.Node.Sockets.Directory),
            .. ConfigurationOf(status),
        ]);
        session.Out.Raw("\n");
        session.Out.Table(ServiceTable.Of(services.Get(WireJson.Default.ServiceList)));
        return ExitCode.Ok;
    }

    // The configuration a node began with is nothing to tell; one that was refused is.
    private static (string Name, Cell Value)[] ConfigurationOf(NodeStatus status) => status is { ConfigOutcome: { } outcome, ConfigGeneration: { } generation }
        ? [("config", new Cell($"{generation}; {(outcome == "unchanged" ? "found unchanged" : outcome == "refused" ? "another was refused" : "applied")} at {status.ConfigTime}", outcome == "refused" ? Tone.Warning : Tone.Plain))]
        : [];

    private static Tone ToneOf(string? state) => state switch
    {
        "running" => Tone.Good,
        "degraded" => Tone.Bad,
        null => Tone.Plain,
        _ => Tone.Warning,
    };

    private static void Merge(Utf8JsonWriter json, params ReadOnlyMemory<byte>[] answers)
    {
        json.WriteStartObject();
        foreach (var answer in answers)
        {
            using var document = JsonDocument.Parse(answer);
            foreach (var member in document.RootElement.EnumerateObject())
            {
                member.WriteTo(json);
            }
        }

        json.WriteEndObject();
    }
}
