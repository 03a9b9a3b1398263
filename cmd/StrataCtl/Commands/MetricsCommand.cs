using System.CommandLine;
using Strata.Ipc;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Completion;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Metrics;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary><c>metrics</c>: what services count, for whoever collects it.</summary>
internal static class MetricsCommand
{
    public static Command Create(Cli cli)
    {
        var names = new Argument<string[]>("SERVICE")
        {
            Description = "Services to ask [default: the supervisor and every service that runs]", HelpName = "SERVICE", Arity = ArgumentArity.ZeroOrMore,
        };
        names.CompletionSources.Add(context => NodeNames.Services(context.ParseResult, cli));
        var format = new Option<string?>("--format") { Description = "prometheus (text) or otlp (OpenTelemetry, JSON) [default: prometheus]", HelpName = "FORMAT" };
        format.AcceptOnlyFromAmong("prometheus", "otlp");
        return cli.Command(
            "metrics", "Prints what services have counted: requests, errors, latencies, connections, caches.", [names, format],
            [
                "strata-ctl metrics",
                "strata-ctl metrics fs --json",
                "strata-ctl metrics --format otlp | curl -sS -H 'Content-Type: application/json' -d @- http://127.0.0.1:4318/v1/metrics",
            ],
            (session, parsed, cancellation) => RunAsync(session, parsed.GetValue(names) ?? [], parsed.GetValue(format), cancellation));
    }

    private static async Task<int> RunAsync(Session session, string[] names, string? format, CancellationToken cancellation)
    {
        var wanted = names.Length > 0
            ? names
            : MetricsReader.Running(await session.Node.CallAsync(new Call("supervisor.svc.list"), WireJson.Default.ServiceList, cancellation).ConfigureAwait(false));
        var failures = new List<CallFailedException>();
        var read = await MetricsReader.ReadAsync(session.Node, wanted, (_, e) => failures.Add(e), cancellation).ConfigureAwait(false);
        if (failures.Count > 0 && (read.Count == 0 || names.Length > 0))
        {
            throw failures[0];
        }

        foreach (var failure in failures)
        {
            await session.Around.Stderr.WriteLineAsync($"note: left out: {SafeText.Of($"{failure.Failure.Method}: {failure.Failure.Error.Message}")}").ConfigureAwait(false);
        }

        if (format == "otlp")
        {
            session.Out.Document(json => OtlpJson.Write(json, read, session.Around.Time.GetUtcNow()));
        }
        else if (session.Out.Json)
        {
            session.Out.Document(json =>
            {
                json.WriteStartObject();
                json.WritePropertyName("services");
                System.Text.Json.JsonSerializer.Serialize(json, read, WireJson.Ipc.IReadOnlyListMetricsResult);
                json.WriteEndObject();
            });
        }
        else
        {
            session.Out.Raw(PrometheusText.Of(read));
        }

        return ExitCode.Ok;
    }
}
