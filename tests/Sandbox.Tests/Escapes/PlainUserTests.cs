using System.Diagnostics;
using Strata.Linux;

namespace Strata.Sandbox.Tests;

/// <summary>Whoever runs the tests as root has a plain user try the same attacks on sandboxes of its own.</summary>
public sealed class PlainUserTests
{
    private static readonly string[] Suites = [nameof(CallTests), nameof(EnteringTests), nameof(ExhaustionTests), nameof(HostTests), nameof(StartTests), nameof(CommonFaultTests)];

    [Fact]
    public async Task The_same_attacks_come_to_nothing_in_a_plain_users_sandboxes()
    {
        Assert.SkipUnless(UserId.Effective == 0, "this is a plain user already");
        using var home = new TempDirectory();
        int id = 1_300_000_000 + Environment.ProcessId;
        FileOwner.Give(home.Path, (uint)id);
        var start = new ProcessStartInfo("setpriv", [$"--reuid={id}", $"--regid={id}", "--clear-groups", "--inh-caps=-all", Environment.ProcessPath!, "-noLogo", "-noColor", .. Suites.SelectMany(s => new[] { "-class", "*." + s })])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, Environment = { ["HOME"] = home.Path, ["TMPDIR"] = home.Path }, WorkingDirectory = home.Path,
        };
        using var tests = Process.Start(start)!;
        try
        {
            var (said, wrong) = (tests.StandardOutput.ReadToEndAsync(), tests.StandardError.ReadToEndAsync());
            await tests.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(5));
            Assert.True(tests.ExitCode == 0 && (await said).Contains("Failed: 0,", StringComparison.Ordinal), await said + await wrong);
        }
        finally
        {
            tests.Kill(entireProcessTree: true);
        }
    }
}
