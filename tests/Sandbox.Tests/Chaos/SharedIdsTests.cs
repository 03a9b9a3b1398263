using Strata.Linux;

namespace Strata.Sandbox.Tests;

/// <summary>Sandboxes on a file system that cannot be mounted with owners shown as others. Alone, for it is mounted where everybody sees it.</summary>
[Collection(nameof(ChaosTests))]
public sealed class SharedIdsTests
{
    [Fact]
    public async Task Where_mounts_cannot_show_other_owners_sandboxes_share_those_on_disk_and_the_doctor_says_so()
    {
        Assert.SkipUnless(UserId.Effective == 0, "only root mounts");
        await using var fixture = new EngineFixture();
        string directory = Path.Combine(fixture.Directory, "ramfs");
        using var mounted = Mounted.Of("ramfs", directory);
        string workspace = Directory.CreateDirectory(Path.Combine(directory, "work")).FullName;

        var apart = await fixture.CreateAsync();
        Assert.SkipUnless(Ids(fixture).Good, "the place of temporary files is on such a file system already");
        var shared = await fixture.CreateAsync(fixture.Plan() with { WorkspaceDirectory = workspace });
        var next = await fixture.CreateAsync(fixture.Plan() with { ChangesDirectory = Directory.CreateDirectory(Path.Combine(directory, "changes")).FullName });
        var after = await fixture.CreateAsync();

        Assert.NotEqual(SandboxIds.FirstOnDisk, apart.HostUser(0));
        Assert.Equal((SandboxIds.FirstOnDisk, SandboxIds.FirstOnDisk), (shared.HostUser(0), next.HostUser(0)));
        Assert.NotEqual(SandboxIds.FirstOnDisk, after.HostUser(0));
        Assert.Equal("1000\n", (await shared.ShellAsync("touch /workspace/mine; stat -c %u /workspace/mine")).Output);
        Assert.Equal("1000\n", (await next.ShellAsync("touch /workspace/mine; stat -c %u /workspace/mine")).Output);
        var finding = Ids(fixture);
        Assert.False(finding.Good);
        Assert.Contains(workspace, finding.What, StringComparison.Ordinal);
        Assert.Contains("ext4", finding.Remedy, StringComparison.Ordinal);
        await shared.DisposeAsync();
        await next.DisposeAsync();
    }

    private static EngineFinding Ids(EngineFixture fixture) => fixture.Engine.Report.Findings.Single(finding => finding.Name == "ids");
}
