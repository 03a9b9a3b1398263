using System.CommandLine;
using System.Text.Json;
using Strata.Contracts;
using Strata.Ipc;
using Strata.Policy;
using Strata.StrataCtl.Audit;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary><c>audit verify</c>: whether the logs say what was written.</summary>
internal static class AuditVerifyCommand
{
    private const int MaxSealsBytes = 1024 * 1024;

    public static Command Create(Cli cli)
    {
        var options = new AuditOptions();
        var seals = new Option<string?>("--seals")
        {
            Description = $"File with what identity.seals answered, for logs of another node or of one that does not run [default: {AuditExportCommand.SealsName} in --audit-dir, else the node]",
            HelpName = "FILE",
        };
        return cli.Command(
            "verify", "Checks that no record was altered, dropped, reordered or cut off, and names the first that was.", [.. options.Place, seals],
            ["strata-ctl audit verify", "strata-ctl audit verify fs --json", "strata-ctl audit verify --audit-dir /mnt/evidence"],
            async (session, parsed, cancellation) =>
            {
                var directory = options.DirectoryOf(session, parsed);
                var known = await SealsAsync(session, parsed.GetValue(seals) ?? SealsIn(directory), cancellation).ConfigureAwait(false);
                var wanted = options.ServicesOf(session, parsed);
                var missing = known?.Logs.Select(l => l.Service).Where(s => !AuditLogs.Services(directory).Contains(s)) ?? [];
                var services = parsed.GetValue((Argument<string[]>)options.Place.First()) is { Length: > 0 } ? wanted : [.. wanted, .. missing];
                return await RunAsync(session, directory, services, known, cancellation).ConfigureAwait(false);
            });
    }

    /// <summary>What identity has sealed; null, with a word why, when it cannot be known.</summary>
    internal static async Task<SealsResult?> AskAsync(Session session, CancellationToken cancellation)
    {
        try
        {
            return await session.Node.CallAsync(SealsCall, WireJson.Default.SealsResult, cancellation).ConfigureAwait(false);
        }
        catch (CallFailedException e)
        {
            session.Notice($"seals are not checked, only that each record follows the one before: identity does not say what it sealed ({e.Failure.Error.Message}); give a file with its answer: --seals FILE");
            return null;
        }
    }

    internal static Call SealsCall => new("identity.seals") { WithToken = true, AuthorityMayAct = true };

    private static string? SealsIn(string directory) => Path.Join(directory, AuditExportCommand.SealsName) is var path && File.Exists(path) ? path : null;

    private static async Task<SealsResult?> SealsAsync(Session session, string? file, CancellationToken cancellation)
    {
        if (file is null)
        {
            return await AskAsync(session, cancellation).ConfigureAwait(false);
        }

        try
        {
            var content = new FileInfo(file).Length <= MaxSealsBytes
                ? await File.ReadAllBytesAsync(file, cancellation).ConfigureAwait(false)
                : throw new UsageException($"{file} is too large to be an answer of identity.seals");
            var seals = JsonSerializer.Deserialize(content, WireJson.Default.SealsResult);
            return seals is { PublicKey.Length: IEd25519.PublicKeyBytes * 2 } && seals.PublicKey.All(char.IsAsciiHexDigitLower)
                ? seals
                : throw new UsageException($"{file} is no answer of identity.seals: it has no public key of {IEd25519.PublicKeyBytes * 2} lower-case hex digits");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new UsageException($"{file} cannot be read as an answer of identity.seals: {e.Message}");
        }
    }

    private static async Task<int> RunAsync(Session session, string directory, IReadOnlyList<string> services, SealsResult? seals, CancellationToken cancellation)
    {
        var results = new List<LogVerification>();
        try
        {
            var provider = Ed25519Provider.Create();
            foreach (var service in services)
            {
                results.Add(await LogVerification.RunAsync(provider, directory, service, seals, cancellation).ConfigureAwait(false));
            }
        }
        catch (Exception e) when (e is SignatureProviderException or IOException or UnauthorizedAccessException)
        {
            throw new UsageException(e.Message);
        }

        if (session.Out.Json)
        {
            session.Out.Document(json => Write(json, results, seals is not null));
        }
        else
        {
            Show(session.Out, results, seals is not null);
        }

        return results.Exists(r => r.Fault is not null) ? ExitCode.Refused : ExitCode.Ok;
    }

    private static void Show(OutputWriter output, List<LogVerification> results, bool sealsChecked)
    {
        var table = new Table("LOG", "VERDICT", ">RECORDS", "FROM", "TO", ">SEALS", ">SINCE THE LAST SEAL");
        foreach (var it in results)
        {
            Cell verdict = it.Fault is null ? new Cell("good", Tone.Good) : new Cell(Name(it.Fault.Kind), Tone.Bad);
            table.Add(it.Service, verdict, Count(it), it.First, it.Last, sealsChecked ? it.Seals : "not checked", it.Unsealed);
        }

        output.Table(table);
        foreach (var it in results.Where(r => r.Fault is not null))
        {
            output.Line($"{it.Service}: {it.Fault!.Message}", Tone.Bad);
        }
    }

    private static void Write(Utf8JsonWriter json, List<LogVerification> results, bool sealsChecked)
    {
        json.WriteStartObject();
        json.WriteBoolean("ok"u8, !results.Exists(r => r.Fault is not null));
        json.WriteBoolean("seals_checked"u8, sealsChecked);
        json.WriteStartArray("logs"u8);
        foreach (var it in results)
        {
            json.WriteStartObject();
            json.WriteString("service"u8, it.Service);
            json.WriteNumber("records"u8, Count(it));
            json.WriteNumber("first"u8, it.First);
            json.WriteNumber("last"u8, it.Last);
            json.WriteNumber("seals"u8, it.Seals);
            json.WriteNumber("unsealed"u8, it.Unsealed);
            if (it.Fault is { } fault)
            {
                json.WriteStartObject("fault"u8);
                json.WriteString("kind"u8, Name(fault.Kind));
                json.WriteNumber("record"u8, fault.Seq);
                json.WriteString("message"u8, fault.Message);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static long Count(LogVerification it) => it.First == 0 ? 0 : it.Last - it.First + 1;

    private static string Name(AuditFaultKind kind) => kind switch
    {
        AuditFaultKind.BadSeal => "bad_seal",
        _ => kind.ToString().ToLowerInvariant(),
    };
}
