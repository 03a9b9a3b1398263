using Microsoft.Extensions.Logging.Abstractions;

namespace Strata.Sandbox.Tests;

/// <summary>Snapshots of whole roots beside those of changes alone: whichever fills a session is what it has, and nothing is left of the other.</summary>
public sealed class CopiedSnapshotTests
{
    [Theory]
    [InlineData(SandboxRoot.CopiedName, SandboxRoot.UpperName)]
    [InlineData(SandboxRoot.UpperName, SandboxRoot.CopiedName)]
    [InlineData(SandboxRoot.CopiedName, SandboxRoot.CopiedName)]
    public async Task A_session_goes_back_to_what_the_snapshot_was(string kept, string now)
    {
        using var home = new TempDirectory();
        string changes = Directory.CreateDirectory(home["session/changes"]).FullName;
        Write(changes, kept, "kept");
        var table = new SnapshotTable(home["state"], new SnapshotLimits(), ChangesRemoval.Run, TimeProvider.System, NullLogger.Instance);
        await table.TakeAsync("me", "one", "box", new SessionTerms(), new SnapshotSource(changes, null, HasLayers: true, kept == SandboxRoot.CopiedName), CancellationToken.None);
        Directory.Delete(changes, recursive: true);
        Write(changes, SandboxRoot.UpperName, "left over");
        Write(changes, now, "now");

        await table.FillAsync("me", "one", changes, ChangesRemoval.Run, CancellationToken.None);

        Assert.Equal([Path.Combine(changes, kept)], Directory.GetFileSystemEntries(changes));
        Assert.Equal("kept", File.ReadAllText(Path.Combine(changes, kept, "file")));
    }

    private static void Write(string changes, string name, string text) =>
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(changes, name)).FullName, "file"), text);
}
