using Strata.Supervision;
using static Strata.Supervisor.Tests.TestNode;

namespace Strata.Supervisor.Tests.Capabilities;

/// <summary>A node whose identity is there by name only: services that hold capabilities wait, and crash loops do not quarantine them.</summary>
public sealed class HandedCapabilityTests
{
    private static ServiceManifest Holder { get; } = Stub("holder") with
    {
        Capabilities = [new HeldCapability { Service = "supervisor", Rights = ["supervisor.logs"] }],
        Backoff = new BackoffPolicy { Initial = TimeSpan.FromMilliseconds(1), Max = TimeSpan.FromMilliseconds(10) },
        Quarantine = new QuarantinePolicy { Crashes = 1, Window = TimeSpan.FromHours(1) },
    };

    [Fact]
    public async Task Who_cannot_be_given_capabilities_is_not_started_is_told_why_and_is_tried_again_without_end()
    {
        await using var node = Start(Stub("identity"), Holder);
        var crashes = await node.UntilAsync(n => n.State.Log.Read(1).Records.Where(r => r.Service == "holder" && r.To == ServiceState.Crashed).ToList() is { Count: > 1 } some ? some : null);

        Assert.All(crashes, crash => Assert.Equal(CrashKind.NotGranted, crash.Crash!.Kind));
        Assert.Contains("could not be given its capabilities: ", crashes[0].Cause, StringComparison.Ordinal);
        Assert.DoesNotContain(node.Now.State.Log.Read(1).Records, r => r.To == ServiceState.Quarantined);
        Assert.False(Directory.Exists(Path.Combine(node.Settings.RuntimeDir, "capabilities")));
    }

    [Fact]
    public void The_variable_is_the_supervisors_word_alone()
    {
        var settings = Strata.Hosting.NodeSettings.From(_ => null);
        var environment = new ChildEnvironment(new Dictionary<string, string> { ["STRATA_CAPABILITIES"] = "/somebody/elses" }, settings, "/notify", [], 1);

        Assert.DoesNotContain(environment.For(Stub("plain")), v => v.StartsWith("STRATA_CAPABILITIES=", StringComparison.Ordinal));
        Assert.Contains("STRATA_CAPABILITIES=/own", environment.For(Holder, "/own"));
    }

    [Fact]
    public void Where_paths_are_confined_the_directory_of_the_file_is_open()
    {
        var confinement = new Linux.Confinement { Files = new Linux.FileRules(["/a"], ["/b"], ["/c"]) };
        Assert.Equal(["/a", "/run/x"], Confinements.AllowRead(confinement, "/run/x")!.Files!.Read);
        Assert.Null(Confinements.AllowRead(confinement with { Files = null }, "/run/x")!.Files);
        Assert.Null(Confinements.AllowRead(null, "/run/x"));
    }
}
