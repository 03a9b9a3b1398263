using System.Text;

namespace Strata.Linux.Tests.Files;

[Collection(nameof(ProcessWideState))]
public sealed class DurableFileTests : IDisposable
{
    private readonly TempDirectory _temp = new();
    private readonly FileDescriptor _directory;

    public DurableFileTests()
    {
        using var root = BeneathRoot.Open(_temp.Path);
        _directory = new FileDescriptor(root.TryOpenDirectory("."u8, out _));
    }

    public void Dispose()
    {
        _directory.Dispose();
        _temp.Dispose();
    }

    [Fact]
    public void Replacing_writes_the_whole_content_with_an_exact_mode_and_leaves_nothing_else()
    {
        uint before = Umask.Set(0x1ff);
        try
        {
            DurableFile.Replace(_directory, "key", "one"u8, 0x1a4);
            DurableFile.Replace(_directory, "key", "second"u8, 0x1a4);
        }
        finally
        {
            _ = Umask.Set(before);
        }

        Assert.Equal("second", File.ReadAllText(_temp["key"]));
        Assert.Equal(0, FileStatus.TryGetNoFollow(_temp["key"], out FileStatus status));
        Assert.Equal(0x1a4, status.Mode);
        Assert.Equal([_temp["key"]], Directory.GetFileSystemEntries(_temp.Path));
    }

    [Fact]
    public void Creating_writes_a_new_file_and_touches_none_that_is_there()
    {
        DurableFile.Create(_directory, "new", "one"u8, 0x1a4);
        var refused = Assert.Throws<LinuxException>(() => DurableFile.Create(_directory, "new", "two"u8, 0x1a4));
        Assert.Equal(Errno.EEXIST, refused.Errno);
        Assert.Equal("one", File.ReadAllText(_temp["new"]));
        Assert.Equal([_temp["new"]], Directory.GetFileSystemEntries(_temp.Path));
    }

    [Fact]
    public void A_planted_link_at_the_temporary_name_is_not_written_through()
    {
        File.WriteAllText(_temp["victim"], "untouched");
        File.CreateSymbolicLink(_temp[".key.new"], _temp["victim"]);
        DurableFile.Replace(_directory, "key", "secret"u8, 0x180);
        Assert.Equal("untouched", File.ReadAllText(_temp["victim"]));
        Assert.Null(new FileInfo(_temp["key"]).LinkTarget);
    }

    [Fact]
    public void A_failed_replacement_leaves_the_old_state_and_no_leftover()
    {
        Directory.CreateDirectory(_temp["taken/full"]);
        var error = Assert.Throws<LinuxException>(() => DurableFile.Replace(_directory, "taken", "x"u8, 0x180));
        Assert.Equal("renameat", error.Syscall);
        Assert.Equal([_temp["taken"]], Directory.GetFileSystemEntries(_temp.Path));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a\0b")]
    public void Only_plain_names_are_taken(string name) =>
        Assert.Throws<ArgumentException>(() => DurableFile.Replace(_directory, name, "x"u8, 0x180));

    [Fact]
    public void The_longest_name_works_and_one_byte_more_is_refused()
    {
        string longest = new('n', DurableFile.MaxNameBytes);
        DurableFile.Replace(_directory, longest, "x"u8, 0x180);
        Assert.Throws<ArgumentException>(() => DurableFile.Replace(_directory, longest + "n", "x"u8, 0x180));
    }

    [Fact]
    public void A_log_appends_across_openings_and_can_be_cut()
    {
        using (var log = AppendOnlyFile.Open(_directory, "log", 0x180))
        {
            log.Append("one\n"u8);
            log.Append("torn"u8);
            log.Sync();
        }

        using (var log = AppendOnlyFile.Open(_directory, "log", 0x180))
        {
            Assert.Equal(8, log.LengthBytes);
            log.Truncate(4);
            log.Append("two\n"u8);
            log.Sync();
            Assert.Equal(8, log.LengthBytes);
            Assert.Throws<ArgumentOutOfRangeException>(() => log.Truncate(9));
        }

        Assert.Equal("one\ntwo\n", File.ReadAllText(_temp["log"]));
        Assert.Equal(0, FileStatus.TryGetNoFollow(_temp["log"], out FileStatus status));
        Assert.Equal(0x180, status.Mode);
    }

    [Fact]
    public void A_log_refuses_links_and_special_files()
    {
        File.CreateSymbolicLink(_temp["link"], _temp["elsewhere"]);
        Native.MakeFifo(_temp["fifo"]);
        Assert.Equal(Errno.ELOOP, Assert.Throws<LinuxException>(() => AppendOnlyFile.Open(_directory, "link", 0x180)).Errno);
        Assert.Throws<LinuxException>(() => AppendOnlyFile.Open(_directory, "fifo", 0x180));
        Assert.False(File.Exists(_temp["elsewhere"]));
    }

    [Fact]
    public void Cached_reads_give_the_bytes_or_ask_for_a_blocking_read()
    {
        File.WriteAllBytes(_temp["data"], Encoding.ASCII.GetBytes("0123456789"));
        using var root = BeneathRoot.Open(_temp.Path);
        using var file = new FileDescriptor(root.TryOpenFile("data"u8, out _));
        byte[] buffer = new byte[4];
        int cached = FileContent.TryReadCached(file.Number, buffer, 3);
        Assert.Contains(cached, new[] { 4, -Errno.EAGAIN, -Errno.EOPNOTSUPP });
        Assert.Equal(4, FileContent.TryRead(file.Number, buffer, 3));
        Assert.Equal("3456"u8.ToArray(), buffer);
        Assert.Equal(0, FileContent.TryRead(file.Number, buffer, 10));
    }
}
