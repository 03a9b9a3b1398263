using System.CommandLine;
using System.Text;
using Strata.StrataCtl.Audit;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary><c>audit export</c>: records for another program, or the whole logs as evidence that can be verified elsewhere.</summary>
internal static class AuditExportCommand
{
    /// <summary>In a copy of the logs, the file with what identity has sealed.</summary>
    public const string SealsName = "seals.json";

    public static Command Create(Cli cli)
    {
        var options = new AuditOptions();
        var format = new Option<string?>("--format") { Description = "jsonl (each line as it stands in the log) or csv [default: jsonl]", HelpName = "FORMAT" };
        format.AcceptOnlyFromAmong("jsonl", "csv");
        var to = new Option<string?>("--to")
        {
            Description = $"Copy the whole logs into a new directory, with {SealsName}, so that strata-ctl audit verify --audit-dir DIR checks them anywhere", HelpName = "DIR",
        };
        return cli.Command(
            "export", "Prints records for another program, or copies the logs with what it takes to verify them.", [.. options.All, format, to],
            ["strata-ctl audit export --since 24h --format csv > audit.csv", "strata-ctl audit export --to /mnt/evidence"],
            async (session, parsed, cancellation) =>
            {
                if (parsed.GetValue(to) is { } directory)
                {
                    return await CopyAsync(session, options.DirectoryOf(session, parsed), options.ServicesOf(session, parsed), directory, cancellation).ConfigureAwait(false);
                }

                Print(session, options.TrailOf(session, parsed), options.FilterOf(session, parsed), parsed.GetValue(format) == "csv", cancellation);
                return ExitCode.Ok;
            });
    }

    private static void Print(Session session, AuditTrail trail, AuditFilter filter, bool csv, CancellationToken cancellation)
    {
        if (csv)
        {
            session.Out.Raw(AuditText.Csv(AuditText.Columns));
        }

        foreach (var entry in trail.Read().Where(e => filter.Matches(e.Record)))
        {
            cancellation.ThrowIfCancellationRequested();
            session.Out.Raw(csv ? AuditText.Csv(AuditText.Row(entry.Record)) : entry.Line + "\n");
        }

        trail.TellUnreadable(session);
    }

    private static async Task<int> CopyAsync(Session session, string from, IReadOnlyList<string> services, string to, CancellationToken cancellation)
    {
        if (Path.Exists(to))
        {
            throw new UsageException($"{to} exists already; name a directory that does not");
        }

        // Asked before the logs are read, so that they contain what it tells.
        var seals = await session.Node.SendAsync(AuditVerifyCommand.SealsCall, cancellation).ConfigureAwait(false);
        var files = 0;
        try
        {
            Directory.CreateDirectory(to, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            await File.WriteAllBytesAsync(Path.Join(to, SealsName), seals.Result.ToArray(), cancellation).ConfigureAwait(false);
            foreach (var part in services.SelectMany(s => AuditLogs.PartsOf(from, s)))
            {
                CopyLines(part.Path, Path.Join(to, Path.GetFileName(part.Path)));
                files++;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"the copy in {to} is not complete: {e.Message}");
        }

        session.Out.Line($"copied {files} files of {services.Count} logs; check them: strata-ctl audit verify --audit-dir {Connection.ShellQuote.Of(to)}");
        return ExitCode.Ok;
    }

    private static void CopyLines(string from, string to)
    {
        using var reader = new AuditReader(from);
        using var copy = new FileStream(to, new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        while (reader.TryRead(out var line))
        {
            copy.Write(line);
            copy.Write("\n"u8);
        }
    }
}
