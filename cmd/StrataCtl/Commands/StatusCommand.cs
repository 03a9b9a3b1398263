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
    public static Command Create(Cli cli) => cli.Command(
        "status", "Shows the node and its services.", [],
        ["strata-ctl status", "strata-ctl status --json | jq -r '.services[] | select(.state != \"Healthy\") | .name'"],
        RunAsync);

    private static async Task<int> RunAsync(Session session, ParseResult parsed, CancellationToken cancellation)
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
            ("uptime", Durations.Show(TimeSpan.FromSeconds(status.UptimeSec))),
            ("version", status.Version ?? "-"),
            ("runtime dir", session.Node.Sockets.Directory),
        ]);
        session.Out.Raw("\n");
        session.Out.Table(ServiceTable.Of(services.Get(WireJson.Default.ServiceList)));
        return ExitCode.Ok;
    }

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
