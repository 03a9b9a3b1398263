using System.CommandLine;
using System.Text.Json;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary><c>svc why</c>: what a service waits for and since when, followed down to whatever holds everything up.</summary>
internal static class WhyCommand
{
    /// <summary>Services asked about; a node has at most 256.</summary>
    private const int MaxServices = 256;

    public static Command Create(Cli cli)
    {
        var name = ServiceCommands.NameArgument(cli);
        return cli.Command(
            "why", "Tells what a service waits for, since when, and what holds that up.", [name], ["strata-ctl svc why fs"],
            (session, parsed, cancellation) => RunAsync(session, parsed.GetRequiredValue(name), cancellation));
    }

    private static async Task<int> RunAsync(Session session, string name, CancellationToken cancellation)
    {
        var answers = new List<(int Depth, ServiceExplanation Why)>();
        await AskAsync(session, name, 0, answers, cancellation).ConfigureAwait(false);
        if (session.Out.Json)
        {
            session.Out.Document(json => Write(json, answers));
            return ExitCode.Ok;
        }

        foreach (var (depth, why) in answers)
        {
            Tell(session.Out, depth, why);
        }

        return ExitCode.Ok;
    }

    private static async Task AskAsync(
        Session session, string name, int depth, List<(int Depth, ServiceExplanation Why)> answers, CancellationToken cancellation)
    {
        // Two services may wait for the same third; it is told of once.
        if (answers.Count >= MaxServices || answers.Any(a => a.Why.Name == name))
        {
            return;
        }

        var call = Call.Of("supervisor.svc.explain", new ServiceParams(name), WireJson.Default.ServiceParams) with { Resource = name };
        var why = await session.Node.CallAsync(call, WireJson.Default.ServiceExplanation, cancellation).ConfigureAwait(false);
        answers.Add((depth, why));
        foreach (var other in why.WaitingFor ?? [])
        {
            await AskAsync(session, other, depth + 1, answers, cancellation).ConfigureAwait(false);
        }
    }

    private static void Tell(OutputWriter output, int depth, ServiceExplanation why)
    {
        var indent = new string(' ', 2 * depth);
        var since = Durations.ShowMs(why.SinceMs);
        var waits = why.WaitingFor is { Count: > 0 } others ? $" and waits for {string.Join(", ", others)}" : "";
        output.Line($"{indent}{why.Name} has been {why.State} for {since}{waits}: {why.Why}", ServiceTable.ToneOf(why.State));
        // What a waiting service needs is told by the lines about what it waits for.
        if (waits.Length == 0 && why.Next is { } next)
        {
            output.Line($"{indent}  next: {next}{(why.NextInMs is { } ms ? $" (in {Durations.ShowMs(ms)})" : "")}");
        }

        if (waits.Length == 0 && why.LastCrash is { } crash && why.State != "Healthy")
        {
            output.Line($"{indent}  last crash: {crash}");
        }

        if (waits.Length == 0 && why.Advice is { } advice)
        {
            output.Line($"{indent}  do: {advice}");
        }
    }

    private static void Write(Utf8JsonWriter json, List<(int Depth, ServiceExplanation Why)> answers)
    {
        json.WriteStartArray();
        foreach (var (_, why) in answers)
        {
            json.WriteRawValue(JsonSerializer.SerializeToUtf8Bytes(why, WireJson.Default.ServiceExplanation));
        }

        json.WriteEndArray();
    }
}
