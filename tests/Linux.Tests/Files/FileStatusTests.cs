using System.Text;

namespace Strata.Linux.Tests.Files;

public sealed class FileStatusTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void An_entry_is_described_by_itself_and_a_link_is_not_followed()
    {
        File.WriteAllText(_temp["file"], "12345");
        File.CreateSymbolicLink(_temp["link"], "file");
        using BeneathRoot root = BeneathRoot.Open(_temp.Path);
        Assert.Equal(0, FileStatus.TryGetEntry(root.Handle, "file"u8, out FileStatus file));
        Assert.Equal((FileKind.Regular, 5), (file.Kind, file.SizeBytes));
        Assert.Equal(0, FileStatus.TryGetEntry(root.Handle, "link"u8, out FileStatus link));
        Assert.Equal((FileKind.SymbolicLink, 4), (link.Kind, link.SizeBytes));
        Assert.Equal(-Errno.ENOENT, FileStatus.TryGetEntry(root.Handle, "missing"u8, out _));
    }

    [Fact]
    public void When_a_file_was_changed_cannot_be_set_back()
    {
        File.WriteAllText(_temp["file"], "12345");
        File.SetLastWriteTimeUtc(_temp["file"], DateTime.UnixEpoch);
        Assert.Equal(0, FileStatus.TryGetNoFollow(_temp["file"], out FileStatus status));
        Assert.Equal(0, status.ModifiedUnixNs);
        Assert.True(status.ChangedUnixNs > 1_500_000_000_000_000_000, "it is the machine's own clock");
    }

    [Fact]
    public void A_name_is_one_part_of_at_most_255_bytes()
    {
        using BeneathRoot root = BeneathRoot.Open(_temp.Path);
        Assert.Equal(-Errno.EINVAL, FileStatus.TryGetEntry(root.Handle, "../etc"u8, out _));
        Assert.Equal(-Errno.EINVAL, FileStatus.TryGetEntry(root.Handle, "/etc"u8, out _));
        Assert.Equal(-Errno.EINVAL, FileStatus.TryGetEntry(root.Handle, "a\0b"u8, out _));
        Assert.Equal(-Errno.EINVAL, FileStatus.TryGetEntry(root.Handle, ""u8, out _));
        Assert.Equal(-Errno.ENOENT, FileStatus.TryGetEntry(root.Handle, Encoding.ASCII.GetBytes(new string('n', 255)), out _));
        Assert.Equal(-Errno.ENAMETOOLONG, FileStatus.TryGetEntry(root.Handle, Encoding.ASCII.GetBytes(new string('n', 256)), out _));
    }
}
