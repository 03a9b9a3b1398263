using System.CommandLine;
using System.Text.Json;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Metrics;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary><c>top</c>: the services at work, looked at again and again.</summary>
internal static class TopCommand
{
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(1);

    // Home, and erase what the shorter lines of this picture leave of the last one: no flicker, nothing kept in the scrollback.
    private const string Home = "\e[H";
    private const string EraseLine = "\e[K";
    private const string EraseBelow = "\e[J";
    private const string Enter = "\e[?1049h\e[?25l";
    private const string Leave = "\e[?25h\e[?1049l";

    public static Command Create(Cli cli)
    {
        var once = new Option<bool>("--once") { Description = "Show one interval and end (so it does when output is not a terminal)" };
        var interval = GlobalOptions.Duration("--interval", "Time between two looks, 100ms to 1m [default: 1s]");
        return cli.Command(
            "top", "Shows live what each service does: state, CPU, memory, requests, errors, latency.", [once, interval],
            ["strata-ctl top", "strata-ctl top --interval 5s", "strata-ctl top --once --json | jq '.services[] | {name, p99_us}'"],
            (session, parsed, cancellation) => RunAsync(session, parsed.GetValue(once), parsed.GetValue(interval) ?? DefaultInterval, cancellation));
    }

    private static async Task<int> RunAsync(Session session, bool once, TimeSpan interval, CancellationToken cancellation)
    {
        if (interval < TimeSpan.FromMilliseconds(100) || interval > TimeSpan.FromMinutes(1))
        {
            throw new UsageException("--interval takes 100ms to 1m");
        }

        var before = await LookAsync(session, cancellation).ConfigureAwait(false);
        if (once || session.Out.Json || !session.Around.StdoutIsTerminal)
        {
            await Task.Delay(interval, session.Around.Time, cancellation).ConfigureAwait(false);
            Show(session, before, await LookAsync(session, cancellation).ConfigureAwait(false), Table);
            return ExitCode.Ok;
        }

        session.Out.Raw(Enter);
        try
        {
            while (!cancellation.IsCancellationRequested)
            {
                await Task.Delay(interval, session.Around.Time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                var now = await LookAsync(session, cancellation).ConfigureAwait(false);
                Show(session, before, now, Picture);
                before = now;
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Ctrl-C is how one leaves.
        }
        finally
        {
            session.Out.Raw(Leave);
        }

        return ExitCode.Ok;
    }

    private static async Task<TopSample> LookAsync(Session session, CancellationToken cancellation)
    {
        var status = await session.Node.CallAsync(new Call("supervisor.status"), WireJson.Default.NodeStatus, cancellation).ConfigureAwait(false);
        var ping = await session.Node.CallAsync(new Call("supervisor.ping"), WireJson.Ipc.PingResult, cancellation).ConfigureAwait(false);
        var list = await session.Node.CallAsync(new Call("supervisor.svc.list"), WireJson.Default.ServiceList, cancellation).ConfigureAwait(false);
        var metrics = await MetricsReader.ReadAsync(session.Node, MetricsReader.Running(list), (_, _) => { }, cancellation).ConfigureAwait(false);
        var supervisor = new ServiceStatus("supervisor", status.State ?? "running", ping.Pid, SinceMs: status.UptimeSec * 1000);
        var services = list.Services.Prepend(supervisor).ToList();
        var usage = services.Where(s => s.Pid != 0).Select(s => (s.Pid, Usage: ProcessUsage.Of(session.Around.HostRoot, s.Pid)))
            .Where(u => u.Usage is not null).DistinctBy(u => u.Pid).ToDictionary(u => u.Pid, u => u.Usage!.Value);
        return new TopSample(session.Around.Time.GetElapsedTime(0), services, metrics, usage);
    }

    private static void Show(Session session, TopSample before, TopSample now, Action<Session, IReadOnlyList<TopRow>> how)
    {
        var rows = now.Services.Select(s => TopRow.Of(s, before, now)).ToList();
        if (session.Out.Json)
        {
            session.Out.Document(json => Write(json, rows, now.At - before.At));
        }
        else
        {
            how(session, rows);
        }
    }

    private static void Table(Session session, IReadOnlyList<TopRow> rows) => session.Out.Raw(TopTable.Of(rows).Render(session.Out.Coloured));

    private static void Picture(Session session, IReadOnlyList<TopRow> rows)
    {
        var table = TopTable.Of(rows).Render(session.Out.Coloured) + "\nCtrl-C ends this.\n";
        session.Out.Raw(Home + table.Replace("\n", EraseLine + "\r\n", StringComparison.Ordinal) + EraseBelow);
    }

    private static void Write(Utf8JsonWriter json, IReadOnlyList<TopRow> rows, TimeSpan interval)
    {
        json.WriteStartObject();
        json.WriteNumber("interval_ms", (long)interval.TotalMilliseconds);
        json.WriteStartArray("services");
        foreach (var row in rows)
        {
            json.WriteStartObject();
            json.WriteString("name", row.Name);
            json.WriteString("state", row.State);
            Number(json, "since_ms", row.SinceMs);
            Number(json, "restarts", row.Restarts);
            Number(json, "cpu_percent", row.CpuPercent);
            Number(json, "resident_bytes", row.ResidentBytes);
            Number(json, "connections", row.Connections);
            Number(json, "requests_per_second", row.RequestsPerSecond);
            Number(json, "errors_per_second", row.ErrorsPerSecond);
            Number(json, "p99_us", row.P99Us);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Number(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, Math.Round(number, 3));
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
