using System.Diagnostics;

namespace Strata.Nix.Tests;

/// <summary>A node of the built programs in a directory of its own, and the module's scripts as they would run beside it.</summary>
internal sealed class ScriptNode : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    private readonly TempDirectory _temp = new();
    private Process? _supervisor;

    internal string State => _temp["state"];

    private string Templates => _temp["templates.json"];

    public void Dispose()
    {
        _supervisor?.Kill();
        _supervisor?.WaitForExit();
        _supervisor?.Dispose();
        _temp.Dispose();
    }

    internal async Task StartAsync()
    {
        Directory.CreateDirectory(_temp["run"], (UnixFileMode)0x1C0);
        var start = Ready(new ProcessStartInfo(Checkout.Program("supervisor"), ["--exit-with-children"]) { RedirectStandardError = true });
        _supervisor = Process.Start(start)!;
        _supervisor.ErrorDataReceived += (_, _) => { };
        _supervisor.BeginErrorReadLine();
        await CtlAsync("status", "--wait", "60s");
    }

    internal async Task StopAsync()
    {
        using (var kill = Process.Start("kill", [_supervisor!.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        using var patience = new CancellationTokenSource(Longest);
        await _supervisor.WaitForExitAsync(patience.Token);
        Assert.Equal(0, _supervisor.ExitCode);
        _supervisor.Dispose();
        _supervisor = null;
    }

    /// <summary>What strata-ctl prints; fails the test when it fails.</summary>
    internal async Task<string> CtlAsync(params string[] arguments)
    {
        var (text, code) = await TryCtlAsync(arguments);
        Assert.True(code == 0, $"strata-ctl {string.Join(' ', arguments)}: {text}");
        return text.Trim();
    }

    internal Task<(string Text, int Code)> TryCtlAsync(params string[] arguments) => RunAsync(new ProcessStartInfo(Checkout.Program("strata-ctl"), arguments));

    /// <summary>Runs a script of the module as NixOS runs it, with this node's directories in the place of the machine's.</summary>
    internal async Task<(string Text, int Code)> ScriptAsync(string script, string templates)
    {
        await File.WriteAllTextAsync(Templates, templates);
        var here = script.Replace("/var/lib/strata", State, StringComparison.Ordinal)
            .Replace("/nix/store/stub-templates.json", Templates, StringComparison.Ordinal)
            .Replace("/nix/store/stub-strata/lib/strata/", Checkout.At("bin/"), StringComparison.Ordinal)
            .Replace("/nix/store/stub-strata/bin/", Checkout.At("bin/"), StringComparison.Ordinal)
            .Replace("/nix/store/stub-coreutils/bin/id strata", "id", StringComparison.Ordinal)
            .Replace("/nix/store/stub-util-linux/bin/setpriv --reuid strata --regid strata --clear-groups", "env", StringComparison.Ordinal);
        Assert.DoesNotContain("/nix/store", here, StringComparison.Ordinal);
        return await RunAsync(new ProcessStartInfo("sh", ["-e", "-c", here]));
    }

    private async Task<(string Text, int Code)> RunAsync(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var process = Process.Start(Ready(start))!;
        using var patience = new CancellationTokenSource(Longest);
        var output = process.StandardOutput.ReadToEndAsync(patience.Token);
        var errors = process.StandardError.ReadToEndAsync(patience.Token);
        await process.WaitForExitAsync(patience.Token);
        return (await output + await errors, process.ExitCode);
    }

    private ProcessStartInfo Ready(ProcessStartInfo start)
    {
        start.Environment["STRATA_RUNTIME_DIR"] = _temp["run"];
        start.Environment["STRATA_STATE_DIR"] = State;
        start.Environment["STRATA_CONFIG_DIR"] = _temp["config"];
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        return start;
    }
}
