using System.CommandLine;
using System.Text.Json;
using Strata.Contracts;
using Strata.Ipc;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Completion;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary><c>logs</c>: what services printed, and what they print while one watches.</summary>
internal static class LogsCommand
{
    public static Command Create(Cli cli)
    {
        var names = new Argument<string[]>("NAME") { Description = "Services; \"supervisor\" for its own lines [default: all]", HelpName = "NAME", Arity = ArgumentArity.ZeroOrMore };
        names.CompletionSources.Add(context => NodeNames.Services(context.ParseResult, cli));
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on with new lines until interrupted" };
        var since = new Option<string?>("--since") { Description = "From this on: a time (2030-01-02T03:04:05Z), so long ago (10m), or the number of a line", HelpName = "TIME|SEQ" };
        var lines = new Option<int?>("--lines", "-n") { Description = "At most so many lines that were kept, the newest [default: 100, all with --since]", HelpName = "LINES" };
        var stream = new Option<string?>("--stream") { Description = "Only this stream" };
        stream.AcceptOnlyFromAmong("stdout", "stderr", "note");
        return cli.Command(
            "logs", "Shows what services printed.", [names, follow, since, lines, stream],
            ["strata-ctl logs fs", "strata-ctl logs -f", "strata-ctl logs --since 10m -n 500 fs identity", "strata-ctl logs -f --json | jq -r .text"],
            (session, parsed, cancellation) => RunAsync(
                session,
                new LogsParams(
                    parsed.GetValue(names) is { Length: > 0 } given ? given : null,
                    SinceOf(parsed.GetValue(since), session)?.Sequence, SinceOf(parsed.GetValue(since), session)?.Time,
                    Positive(parsed.GetValue(lines)), parsed.GetValue(stream)),
                parsed.GetValue(follow), cancellation));
    }

    private static async Task<int> RunAsync(Session session, LogsParams wanted, bool follow, CancellationToken cancellation)
    {
        var call = Call.Of("supervisor.logs", wanted, WireJson.Default.LogsParams) with
        {
            WithToken = true, AuthorityMayAct = true, Resource = wanted.Names is [var only] ? only : null,
        };
        await foreach (var item in session.Node.StreamAsync(call, cancellation).ConfigureAwait(false))
        {
            // The last frame of a stream carries no page.
            if (item.Continues && Show(session, item) && !follow)
            {
                break;
            }
        }

        return ExitCode.Ok;
    }

    /// <summary>Shows one page.</summary>
    /// <returns>Whether no kept line is left.</returns>
    private static bool Show(Session session, RpcResponse item)
    {
        var page = item.Get(WireJson.Default.LogPage);
        if (page.Missed is > 0 and var missed)
        {
            session.Notice($"{missed} lines are missing here: they came faster than they were read; the log files have them");
        }

        if (session.Out.Json)
        {
            using var document = JsonDocument.Parse(item.Result);
            foreach (var line in document.RootElement.GetProperty("lines").EnumerateArray())
            {
                session.Out.JsonLine(line);
            }
        }
        else
        {
            session.Out.Raw(string.Concat(page.Lines.Select(line => LogText.Of(line, session.Out.Coloured))));
        }

        return page.CaughtUp;
    }

    private static LogsSince? SinceOf(string? text, Session session) => text is null
        ? null
        : LogsSince.Parse(text, session.Around.Time.GetUtcNow())
            ?? throw new UsageException("--since takes a time such as 2030-01-02T03:04:05Z, a span such as 10m, or the number of a line");

    private static int? Positive(int? lines) => lines is null or (> 0 and <= 100_000) ? lines : throw new UsageException("-n takes a number of lines from 1 to 100000");
}
