using Microsoft.Extensions.Logging.Abstractions;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Sandbox.Tests;

public sealed class SnapshotTableTests : IDisposable
{
    private readonly TempDirectory _home = new();
    private readonly string _changes;

    public SnapshotTableTests()
    {
        _changes = Directory.CreateDirectory(_home["session/changes"]).FullName;
        Directory.CreateDirectory(Path.Combine(_changes, "work"));
        Directory.CreateDirectory(Path.Combine(_changes, "upper"));
    }

    public void Dispose() => _home.Dispose();

    private string this[string name] => Path.Combine(_changes, "upper", name);

    [Fact]
    public async Task A_snapshot_has_all_that_the_session_had_and_comes_back_after_a_restart()
    {
        Fill();
        var record = await Table().TakeAsync("me", "one", "box", new SessionTerms { Secrets = ["KEY"], Workspace = "w" }, new SnapshotSource(_changes, null, HasLayers: true), CancellationToken.None);
        Assert.Equal(8, record.Files);
        Assert.InRange(record.Bytes, 6_000_000, 6_100_000);
        Assert.Empty(record.Terms.Secrets);
        File.WriteAllText(this["file"], "changed since");

        var target = Directory.CreateDirectory(_home["other"]).FullName;
        Directory.CreateDirectory(Path.Combine(target, "upper", "old"));
        await Table().FillAsync("me", "one", target, ChangesRemoval.Run, CancellationToken.None);
        string Of(string name) => Path.Combine(target, "upper", name);
        Assert.Equal(["upper"], Directory.GetFileSystemEntries(target).Select(p => Path.GetFileName(p)));
        Assert.Equal(["big", "dir", "fifo", "file", "hard", "link", "run"], Directory.GetFileSystemEntries(Path.Combine(target, "upper")).Select(p => Path.GetFileName(p)).Order());
        Assert.Equal("content", File.ReadAllText(Of("file")));
        Assert.Equal("/etc/passwd", new FileInfo(Of("link")).LinkTarget);
        var file = Status(Of("file"));
        Assert.Equal((file.Inode, 2u), (Status(Of("hard")).Inode, file.Links));
        Assert.Equal((0x9EDu, Status(this["run"]).ModifiedUnixNs), ((uint)Status(Of("run")).Mode, Status(Of("run")).ModifiedUnixNs));
        var big = Status(Of("big"));
        Assert.True(big.SizeBytes == 1L << 32 && big.AllocatedBytes < 1L << 28);
        Assert.Equal(FileKind.Fifo, Status(Of("fifo")).Kind);
        Assert.Equal("deep", File.ReadAllText(Of("dir/inner")));
    }

    [Fact]
    public async Task The_marks_and_attributes_of_an_overlay_and_owners_are_kept()
    {
        Assert.SkipUnless(FilesNode.IsRoot, "needs root: other users' files");
        File.WriteAllText(this["theirs"], "x");
        Native.ChangeOwner(this["theirs"], FilesNode.User);
        Marks.Hide(this["gone"]);
        Native.SetAttribute(_changes + "/upper", "trusted.overlay.opaque", "y");
        await Table().TakeAsync("me", "one", "box", new SessionTerms(), new SnapshotSource(_changes, null, HasLayers: true), CancellationToken.None);
        var kept = Directory.GetDirectories(_home["state/snapshots"]).Single() + "/upper";
        Assert.Equal(FilesNode.User, Status(kept + "/theirs").Uid);
        Assert.Equal(Marks.KindIn(kept), Status(kept + "/gone").Kind);
        Assert.True(Marks.IsHidden(kept + "/gone"));
        Assert.Equal("y", Native.GetAttribute(kept, "trusted.overlay.opaque"));
    }

    [Fact]
    public async Task One_that_breaks_off_leaves_nothing_and_what_a_killed_process_left_is_cleared_away()
    {
        File.WriteAllText(this["file"], "x");
        var table = Table();
        using var ended = new CancellationTokenSource();
        await ended.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => table.TakeAsync("me", "one", "box", new SessionTerms(), new SnapshotSource(_changes, null, HasLayers: true), ended.Token));
        Assert.Empty(Directory.GetFileSystemEntries(_home["state/snapshots"]));
        await table.TakeAsync("me", "one", "box", new SessionTerms(), new SnapshotSource(_changes, null, HasLayers: true), CancellationToken.None);
        Directory.CreateDirectory(_home["state/snapshots/.new-0123456789abcdef/upper"]);
        Directory.CreateDirectory(_home["state/snapshots/.gone-0123456789abcdef/upper"]);
        Assert.Equal(["one"], Table().Of("me").Select(r => r.Name));
        Assert.Single(Directory.GetFileSystemEntries(_home["state/snapshots"]));
    }

    [Fact]
    public async Task They_are_bounded_by_number_bytes_and_entries_and_are_nobody_elses()
    {
        File.WriteAllBytes(this["a"], new byte[1000]);
        Assert.Equal("snapshot_too_large", await ReasonAsync(Table(new SnapshotLimits { MaxBytesOfOwner = 999 })));
        Assert.Equal("snapshot_too_large", await ReasonAsync(Table(new SnapshotLimits { MaxFiles = 0 })));
        var table = Table(new SnapshotLimits { MaxBytesOfOwner = 1999, MaxFiles = 1, MaxOfOwner = 2 });
        Assert.Null(await ReasonAsync(table));
        Assert.Equal("snapshot_exists", await ReasonAsync(table));
        Assert.Equal("snapshot_too_large", await ReasonAsync(table, "two"));
        File.WriteAllBytes(this["a"], new byte[999]);
        Assert.Null(await ReasonAsync(table, "two"));
        Assert.Equal("snapshots_exhausted", await ReasonAsync(table, "three"));
        Assert.Equal("invalid_name", await ReasonAsync(table, "../x"));
        Assert.Equal("snapshot_not_found", Assert.Throws<SandboxException>(() => table.Find("you", "one")).Reason);
        table.Delete("me", "one");
        Assert.Null(await ReasonAsync(table, "three"));
    }

    private async Task<string?> ReasonAsync(SnapshotTable table, string name = "one")
    {
        try
        {
            await table.TakeAsync("me", name, "box", new SessionTerms(), new SnapshotSource(_changes, null, HasLayers: true), CancellationToken.None);
            return null;
        }
        catch (SandboxException e)
        {
            Assert.NotEqual(ErrorCode.Internal, e.Code);
            return e.Reason;
        }
    }

    private void Fill()
    {
        File.WriteAllText(this["file"], "content");
        Native.Link(this["file"], this["hard"]);
        File.CreateSymbolicLink(this["link"], "/etc/passwd");
        Native.MakeFifo(this["fifo"]);
        Directory.CreateDirectory(this["dir"]);
        File.WriteAllText(this["dir/inner"], "deep");
        File.WriteAllText(this["run"], "#!");
        File.SetUnixFileMode(this["run"], (UnixFileMode)0x9ED);
        File.SetLastWriteTimeUtc(this["run"], DateTime.UnixEpoch.AddDays(1));
        using var big = File.OpenHandle(this["big"], FileMode.Create, FileAccess.Write);
        RandomAccess.Write(big, new byte[3_000_000], 1 << 20);
        RandomAccess.Write(big, new byte[3_000_000], 1 << 30);
        RandomAccess.SetLength(big, 1L << 32);
    }

    private SnapshotTable Table(SnapshotLimits? limits = null) => new(_home["state"], limits ?? new SnapshotLimits(), ChangesRemoval.Run, TimeProvider.System, NullLogger.Instance);

    private static FileStatus Status(string path)
    {
        Assert.Equal(0, FileStatus.TryGetNoFollow(path, out var status));
        return status;
    }
}
