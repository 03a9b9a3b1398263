using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Strata.Linux;

namespace Strata.Supervisor;

/// <summary>Puts another program in the supervisor's place: asked first whether it would take over, then executed.</summary>
internal static class Upgrade
{
    internal const string CheckFlag = "--check-takeover";

    private const int MaxToldChars = 512;

    private static readonly TimeSpan CheckTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Asks a program whether it would take over this node as it is.</summary>
    /// <returns>Null, or why not.</returns>
    internal static async Task<string?> RefusalOfAsync(string binary, CancellationToken cancellation)
    {
        try
        {
            var start = new ProcessStartInfo(binary, [CheckFlag]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
            start.Environment.TryAdd(ChildEnvironment.Diagnostics, ChildEnvironment.DiagnosticsOff);
            using var check = Process.Start(start)!;
            using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            late.CancelAfter(CheckTimeout);
            try
            {
                var told = check.StandardError.ReadToEndAsync(late.Token);
                var output = check.StandardOutput.ReadToEndAsync(late.Token);
                await check.WaitForExitAsync(late.Token).ConfigureAwait(false);
                var text = ((await told.ConfigureAwait(false)) + await output.ConfigureAwait(false)).Trim();
                return check.ExitCode == 0 ? null : $"{binary} would not take over (exit code {check.ExitCode}): {(text.Length > MaxToldChars ? text[..MaxToldChars] : text)}";
            }
            catch (OperationCanceledException)
            {
                check.Kill();
                return $"{binary} did not say within {CheckTimeout.TotalSeconds:0} s whether it would take over";
            }
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or InvalidOperationException or IOException)
        {
            return $"{binary} cannot be executed: {e.Message}";
        }
    }

    /// <summary>Executes the program; if that fails, this program anew, which goes on where this one stood. Returns only when neither can be executed.</summary>
    internal static void Execute(string binary, string handover, ILogger log)
    {
        var ambient = ChildEnvironment.Ambient();
        ambient.TryAdd(ChildEnvironment.Diagnostics, ChildEnvironment.DiagnosticsOff);
        List<string> environment = [.. ambient.Where(v => v.Key is not (Handover.Variable or Handover.Refusal)).Select(v => $"{v.Key}={v.Value}")];
        environment.Add($"{Handover.Variable}={handover}");
        var failed = ProcessImage.TryReplace(binary, [binary], environment);
        var reason = $"{binary} cannot be executed ({Errno.Name(-failed)})";
        log.UpgradeFailed(reason);
        environment.Add($"{Handover.Refusal}={reason}");
        var own = Environment.ProcessPath ?? "/proc/self/exe";
        _ = ProcessImage.TryReplace(own, [own], environment);
        _ = ProcessImage.TryReplace("/proc/self/exe", [own], environment);
    }
}
