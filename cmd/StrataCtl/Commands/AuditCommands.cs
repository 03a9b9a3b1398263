using System.CommandLine;
using Strata.StrataCtl.Audit;
using Strata.StrataCtl.CommandLine;

namespace Strata.StrataCtl.Commands;

/// <summary><c>audit</c>: what was done and denied, read from the logs themselves.</summary>
internal static class AuditCommands
{
    private const int DefaultLines = 20;
    private const int MaxLines = 100_000;
    private static readonly TimeSpan FollowInterval = TimeSpan.FromMilliseconds(250);

    public static Command Create(Cli cli)
    {
        return cli.Family("audit", "Shows, checks and copies the audit logs.", Tail(cli), Search(cli), AuditVerifyCommand.Create(cli), AuditExportCommand.Create(cli));
    }

    private static Command Tail(Cli cli)
    {
        var options = new AuditOptions();
        var lines = new Option<int?>("--lines", "-n") { Description = $"The newest so many records [default: {DefaultLines}]", HelpName = "LINES" };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on with new records until interrupted" };
        return cli.Command(
            "tail", "Shows the newest records of all logs, in the order of their times.", [.. options.All, lines, follow],
            ["strata-ctl audit tail -f", "strata-ctl audit tail -n 50 --outcome denied fs"],
            (session, parsed, cancellation) => TailAsync(session, parsed, options, Positive(parsed.GetValue(lines) ?? DefaultLines), parsed.GetValue(follow), cancellation));
    }

    private static Command Search(Cli cli)
    {
        var options = new AuditOptions();
        var lines = new Option<int?>("--lines", "-n") { Description = "At most so many records, the oldest that match [default: all]", HelpName = "LINES" };
        return cli.Command(
            "search", "Shows every record that matches, the oldest first.", [.. options.All, lines],
            [
                "strata-ctl audit search --outcome denied --since 1h",
                "strata-ctl audit search --capability 5f0c6a1e9b3d4c7f8a2b1c0d9e8f7a6b --json",
                "strata-ctl audit search --method 'fs.*' --resource /srv/data",
            ],
            (session, parsed, cancellation) =>
            {
                var filter = options.FilterOf(session, parsed);
                var trail = options.TrailOf(session, parsed);
                var most = parsed.GetValue(lines) is { } count ? Positive(count) : int.MaxValue;
                foreach (var entry in trail.Read().Where(e => filter.Matches(e.Record)).Take(most))
                {
                    cancellation.ThrowIfCancellationRequested();
                    Show(session, entry);
                }

                trail.TellUnreadable(session);
                return Task.FromResult(ExitCode.Ok);
            });
    }

    private static async Task<int> TailAsync(Session session, ParseResult parsed, AuditOptions options, int lines, bool follow, CancellationToken cancellation)
    {
        var filter = options.FilterOf(session, parsed);
        var trail = options.TrailOf(session, parsed);
        var newest = new Queue<AuditEntry>();
        foreach (var entry in trail.Read().Where(e => filter.Matches(e.Record)))
        {
            if (newest.Count == lines)
            {
                newest.Dequeue();
            }

            newest.Enqueue(entry);
        }

        foreach (var entry in newest)
        {
            Show(session, entry);
        }

        trail.TellUnreadable(session);
        using var timer = new PeriodicTimer(FollowInterval, session.Around.Time);
        while (follow && await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false))
        {
            foreach (var entry in trail.Read().Where(e => filter.Matches(e.Record)))
            {
                Show(session, entry);
            }
        }

        return ExitCode.Ok;
    }

    private static void Show(Session session, AuditEntry entry)
    {
        if (session.Out.Json)
        {
            session.Out.JsonLine(entry.Record);
        }
        else
        {
            session.Out.Raw(AuditText.Of(entry, session.Out.Coloured));
        }
    }

    private static int Positive(int lines) => lines is > 0 and <= MaxLines ? lines : throw new UsageException($"-n takes a number of records from 1 to {MaxLines}");
}
