using System.CommandLine;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary><c>svc explain</c>: why a service is in its state, and what happens next.</summary>
internal static class ExplainCommand
{
    public static Command Create(Cli cli)
    {
        var name = ServiceCommands.NameArgument(cli);
        return cli.Command(
            "explain", "Tells why a service is in its state, what happens next and when.", [name], ["strata-ctl svc explain fs"],
            async (session, parsed, cancellation) =>
            {
                var service = parsed.GetRequiredValue(name);
                var call = Call.Of("supervisor.svc.explain", new ServiceParams(service), WireJson.Default.ServiceParams) with { Resource = service };
                var response = await session.Node.SendAsync(call, cancellation).ConfigureAwait(false);
                if (session.Out.Json)
                {
                    session.Out.Document(response.Result);
                }
                else
                {
                    session.Out.Fields(FieldsOf(response.Get(WireJson.Default.ServiceExplanation)));
                }

                return ExitCode.Ok;
            });
    }

    private static List<(string Name, Cell Value)> FieldsOf(ServiceExplanation it)
    {
        List<(string Name, Cell Value)> fields =
        [
            ("service", it.Name),
            ("state", new Cell(it.State, ServiceTable.ToneOf(it.State))),
            ("for", Durations.ShowMs(it.SinceMs)),
            ("why", it.Why),
        ];
        Add("next", it.Next is null ? null : it.NextInMs is { } ms ? $"{it.Next} (in {Durations.ShowMs(ms)})" : it.Next);
        Add("waiting for", it.WaitingFor is { Count: > 0 } others ? string.Join(", ", others) : null);
        Add("last crash", it.LastCrash);
        Add("crashes", it.CrashesInWindow is { } crashes and > 0 ? $"{crashes} within the quarantine window" : null);
        Add("advice", it.Advice);
        return fields;

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                fields.Add((name, value));
            }
        }
    }
}
