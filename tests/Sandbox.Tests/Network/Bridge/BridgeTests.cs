using System.Diagnostics;
using Strata.Linux;

namespace Strata.Sandbox.Tests;

/// <summary>Real bridges, in a network namespace of the test's own: this program is started there again for the tests of <see cref="BridgesInside"/>. The host's own network is not touched.</summary>
public sealed class BridgeTests
{
    [Fact]
    public async Task Real_bridges_hold_what_they_are_held_to()
    {
        Assert.SkipUnless(UserId.Effective == 0, "a bridge takes root");
        Assert.SkipUnless(NftProgram.Path is not null && File.Exists("/usr/bin/unshare"), "nft or unshare is not installed");
        var start = new ProcessStartInfo("/usr/bin/unshare", ["--net", "--", Environment.ProcessPath!, "-noLogo", "-noColor", "-explicit", "only", "-parallel", "none", "-class", typeof(BridgesInside).FullName!, "-class", typeof(BridgeLivesInside).FullName!])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment[BridgesInside.Variable] = ProcessNamespace.OfNetwork();
        using var inner = Process.Start(start)!;
        try
        {
            var said = inner.StandardOutput.ReadToEndAsync();
            var wrong = inner.StandardError.ReadToEndAsync();
            await inner.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(5));
            Assert.True(inner.ExitCode == 0, await said + await wrong);
            Assert.Contains("Failed: 0, Skipped: 0", await said, StringComparison.Ordinal);
        }
        finally
        {
            if (!inner.HasExited)
            {
                inner.Kill();
            }
        }
    }
}

/// <summary>Which namespaces a process is in.</summary>
internal static class ProcessNamespace
{
    /// <summary>The network of this one.</summary>
    internal static string OfNetwork() => new FileInfo("/proc/self/ns/net").LinkTarget!;
}
