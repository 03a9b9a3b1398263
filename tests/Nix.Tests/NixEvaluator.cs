using System.Diagnostics;

namespace Strata.Nix.Tests;

/// <summary>Evaluates expressions with nix-instantiate: without a store, without a network.</summary>
internal static class NixEvaluator
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    /// <summary>Whether this machine has Nix.</summary>
    internal static bool IsHere { get; } =
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "nix-instantiate")));

    /// <summary>Skips the test where there is no Nix; ./test.sh installs it.</summary>
    internal static void Require() => Assert.SkipUnless(IsHere, "nix-instantiate is missing; on Debian: apt-get install nix-bin");

    /// <summary>What it prints; fails the test with what it says when it fails.</summary>
    internal static async Task<string> RunAsync(params string[] arguments)
    {
        var (output, errors, code) = await TryAsync(arguments);
        Assert.True(code == 0, $"nix-instantiate {string.Join(' ', arguments)}\n{errors}");
        return output;
    }

    internal static async Task<(string Output, string Errors, int Code)> TryAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("nix-instantiate", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["NIX_REMOTE"] = "dummy://";
        start.Environment["NIX_PATH"] = "";
        start.Environment["NIX_CONFIG"] = "substituters =";
        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(Longest);
        var output = process.StandardOutput.ReadToEndAsync(patience.Token);
        var errors = process.StandardError.ReadToEndAsync(patience.Token);
        try
        {
            await process.WaitForExitAsync(patience.Token);
            return (await output, await errors, process.ExitCode);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }
}
