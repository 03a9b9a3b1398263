using System.CommandLine;
using System.Text.Json;
using Strata.Linux;
using Strata.Policy;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Doctor;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary><c>doctor</c>: checks everything a node depends on, and says what to do.</summary>
internal static class DoctorCommand
{
    public static Command Create(Cli cli) => cli.Command(
        "doctor", "Checks the node and this machine (exit 1 when a check fails).", [],
        ["strata-ctl doctor", "strata-ctl doctor --json | jq -r '.checks[] | select(.verdict != \"ok\") | .fix'"],
        async (session, _, cancellation) =>
        {
            var findings = await ExamineAsync(session, cancellation).ConfigureAwait(false);
            if (session.Out.Json)
            {
                session.Out.Document(json => Write(json, findings));
            }
            else
            {
                Show(session.Out, findings);
            }

            return findings.Exists(f => f.Verdict == Verdict.Fail) ? ExitCode.Refused : ExitCode.Ok;
        });

    private static async Task<List<Finding>> ExamineAsync(Session session, CancellationToken cancellation)
    {
        var directory = session.Node.Sockets.Directory;
        var written = Directory.Exists(directory) ? new DateTimeOffset(Directory.GetLastWriteTimeUtc(directory)) : (DateTimeOffset?)null;
        var state = DirectoryChecks.StatePath(session.Around, directory, session.RuntimeDirectoryIsDefault);
        return
        [
            .. DirectoryChecks.Runtime(directory),
            DirectoryChecks.State(state),
            .. FormatCheck.Of(state),
            .. await NodeChecks.ServicesAsync(session, cancellation).ConfigureAwait(false),
            .. await NodeChecks.SupervisorAsync(session, cancellation).ConfigureAwait(false),
            .. await SandboxChecks.AllAsync(session, cancellation).ConfigureAwait(false),
            .. await NodeChecks.TokenAsync(session, cancellation).ConfigureAwait(false),
            HostChecks.Sodium(SodiumLibrary.Find()),
            HostChecks.Seccomp(SeccompFilter.LibraryVersion, AppContext.BaseDirectory),
            HostChecks.Clock(session.Around.Time.GetUtcNow(), written),
            .. new KernelChecks(session.Around.HostRoot, HostCalls.LandlockVersion()).All(),
        ];
    }

    private static void Show(OutputWriter output, List<Finding> findings)
    {
        var width = findings.Max(f => f.Check.Length);
        foreach (var finding in findings)
        {
            var mark = Tones.Paint(Name(finding.Verdict).PadRight(4), ToneOf(finding.Verdict), output.Coloured);
            output.Raw($"{mark}  {SafeText.Of(finding.Check).PadRight(width)}  {SafeText.Of(finding.Detail)}\n");
            if (finding.Fix is not null)
            {
                output.Raw($"      {"".PadRight(width)}  {Tones.Paint($"fix: {SafeText.Of(finding.Fix)}", Tone.Faint, output.Coloured)}\n");
            }
        }

        var (warnings, failures) = (findings.Count(f => f.Verdict == Verdict.Warn), findings.Count(f => f.Verdict == Verdict.Fail));
        output.Raw($"\n{findings.Count} checks, {warnings} warnings, {failures} failures\n");
    }

    private static void Write(Utf8JsonWriter json, List<Finding> findings)
    {
        json.WriteStartObject();
        json.WriteBoolean("ok"u8, !findings.Exists(f => f.Verdict == Verdict.Fail));
        json.WriteStartArray("checks"u8);
        foreach (var finding in findings)
        {
            json.WriteStartObject();
            json.WriteString("check"u8, finding.Check);
            json.WriteString("verdict"u8, Name(finding.Verdict));
            json.WriteString("detail"u8, finding.Detail);
            if (finding.Fix is not null)
            {
                json.WriteString("fix"u8, finding.Fix);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string Name(Verdict verdict) => verdict switch
    {
        Verdict.Ok => "ok",
        Verdict.Warn => "warn",
        _ => "fail",
    };

    private static Tone ToneOf(Verdict verdict) => verdict switch
    {
        Verdict.Ok => Tone.Good,
        Verdict.Warn => Tone.Warning,
        _ => Tone.Bad,
    };
}
