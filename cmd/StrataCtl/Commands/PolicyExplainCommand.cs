using System.CommandLine;
using System.Text.Json;
using Strata.Ipc;
using Strata.Policy;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Completion;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary><c>explain</c>: how a call would be judged, check by check; or what a reason code means.</summary>
internal static class PolicyExplainCommand
{
    public static Command Create(Cli cli)
    {
        var what = new Argument<string>("METHOD") { Description = "Full name of the method, e.g. fs.read; or a reason code, e.g. right_missing", HelpName = "METHOD|REASON" };
        what.CompletionSources.Add(context => [.. NodeNames.Methods(context.ParseResult, cli), .. DenyReasons.All.Select(r => r.Code)]);
        var json = new Argument<string?>("JSON")
        {
            Description = "Params that the call would carry, as a JSON object; - reads them from standard input",
            Arity = ArgumentArity.ZeroOrOne,
            HelpName = "JSON",
        };
        var uid = new Option<uint?>("--uid") { Description = "The user who would call, by number; for those who see everything [default: you]", HelpName = "UID" };
        var own = new Option<string?>("--as-token-file")
        {
            Description = "File with a token of your own: one with the right policy.explain shows everything, any other no more than a denial tells", HelpName = "FILE",
        };
        return cli.Command(
            "explain", "Tells how a call by a token would be judged, check by check, and what would have to change (exit 1 when it is denied); nothing is called or spent.",
            [what, json, uid, own],
            ["strata-ctl explain --token-file agent.token fs.open '{\"path\":\"notes.txt\"}'", "strata-ctl explain --token-file - fs.list < agent.token", "strata-ctl explain path_outside_prefix"],
            (session, parsed, cancellation) => RunAsync(
                session, parsed.GetRequiredValue(what), parsed.GetValue(json), parsed.GetValue(uid), parsed.GetValue(own), cancellation));
    }

    private static async Task<int> RunAsync(Session session, string what, string? json, uint? uid, string? own, CancellationToken cancellation)
    {
        if (!what.Contains('.'))
        {
            return TellReason(session, what);
        }

        var token = session.Token;
        var text = json == "-" ? await CallCommand.ReadInputAsync(session, cancellation).ConfigureAwait(false) : json;
        JsonElement? parameters = CallCommand.ToParams(text) is { } bytes ? JsonElement.Parse(bytes) : null;
        var call = Call.Of(SocketResolver.ExplainMethod, new ExplainParams(what, parameters, token, uid), WireJson.Ipc.ExplainParams) with
        {
            OwnToken = own is null ? null : TokenSource.Read(own, "--as-token-file", session.Notice),
        };
        var response = await session.Node.SendAsync(call, cancellation).ConfigureAwait(false);
        var explained = response.Get(WireJson.Ipc.ExplainResult);
        if (session.Out.Json)
        {
            session.Out.Document(response.Result);
        }
        else
        {
            Show(session.Out, explained, token is null && own is null);
        }

        return explained.Allowed ? ExitCode.Ok : ExitCode.Refused;
    }

    private static int TellReason(Session session, string code)
    {
        var info = DenyReasons.All.FirstOrDefault(r => r.Code == code)
            ?? throw new UsageException($"{code} is neither a method, which is SERVICE.NAME, nor the reason of a denial; docs/reason-codes.md lists those");
        if (session.Out.Json)
        {
            session.Out.Document(writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("reason"u8, info.Code);
                writer.WriteString("error"u8, ((ErrorCode)info.WireCode).WireName());
                writer.WriteBoolean("told"u8, info.IsDisclosed);
                writer.WriteString("message"u8, info.Message);
                writer.WriteEndObject();
            });
            return ExitCode.Ok;
        }

        session.Out.Fields(
        [
            ("reason", info.Code), ("error", ((ErrorCode)info.WireCode).WireName()), ("message", info.Message),
            ("told", info.IsDisclosed ? "to the caller and in the audit log" : "in the audit log alone"),
        ]);
        return ExitCode.Ok;
    }

    private static void Show(OutputWriter output, ExplainResult explained, bool hasNoToken)
    {
        var verdict = explained.Allowed ? new Cell("allowed", Tone.Good) : new Cell($"denied{(explained.Reason is { } reason ? $": {reason}" : "")}", Tone.Bad);
        output.Line($"{explained.Method}{(hasNoToken ? " without a token" : "")} would be {verdict.Text}", verdict.Tone);
        var table = new Table("", "CHECK", "CAPABILITY", "REQUEST");
        foreach (var step in explained.Checks.Where(s => s.Outcome != "not_applicable"))
        {
            table.Add(MarkOf(step), step.Check, step.Capability, step.Request);
        }

        output.Table(table);
        foreach (var step in explained.Checks.Where(s => s.Needs is not null))
        {
            output.Line($"{step.Check}: {step.Needs}", step.Outcome == "failed" ? Tone.Plain : Tone.Faint);
        }

        if (explained.View != "full")
        {
            output.Line("this is what a caller may know; an authority of the node, or a token with the right policy.explain, sees every check", Tone.Faint);
        }
    }

    private static Cell MarkOf(ExplainedStep step) => step.Outcome switch
    {
        "passed" => new Cell("ok", Tone.Good),
        "failed" => new Cell("NO", Tone.Bad),
        "not_checked" => new Cell("?", Tone.Warning),
        _ => new Cell("-", Tone.Faint),
    };
}
