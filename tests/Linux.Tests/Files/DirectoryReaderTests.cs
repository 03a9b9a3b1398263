using System.Text;

namespace Strata.Linux.Tests.Files;

public sealed class DirectoryReaderTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Names_and_kinds_come_without_dot_and_dot_dot()
    {
        File.WriteAllText(_temp["file"], "");
        Directory.CreateDirectory(_temp["sub"]);
        File.CreateSymbolicLink(_temp["link"], "file");
        Native.MakeFifo(_temp["fifo"]);
        using DirectoryReader reader = Open();
        var seen = new SortedDictionary<string, FileKind>(StringComparer.Ordinal);
        while (reader.TryNext(out DirectoryEntry entry) == 1)
        {
            seen.Add(Encoding.UTF8.GetString(entry.Name), entry.Kind);
        }

        Assert.Equal(["fifo", "file", "link", "sub"], seen.Keys);
        Assert.All(
            new[] { ("fifo", FileKind.Fifo), ("file", FileKind.Regular), ("link", FileKind.SymbolicLink), ("sub", FileKind.Directory) },
            expected => Assert.Contains(seen[expected.Item1], new[] { expected.Item2, FileKind.Unknown }));
    }

    [Fact]
    public void Pages_continued_with_a_fresh_descriptor_give_each_entry_exactly_once()
    {
        const int files = 3000;
        for (int i = 0; i < files; i++)
        {
            File.WriteAllBytes(_temp[$"entry-with-a-long-enough-name-{i:D6}"], []);
        }

        var seen = new HashSet<string>();
        long cookie = 0;
        int taken;
        do
        {
            using DirectoryReader reader = Open();
            Assert.Equal(0, reader.TrySeek(cookie));
            for (taken = 0; taken < 700 && reader.TryNext(out DirectoryEntry entry) == 1; taken++)
            {
                Assert.True(seen.Add(Encoding.UTF8.GetString(entry.Name)), "an entry came twice");
                cookie = entry.NextCookie;
            }
        }
        while (taken == 700);

        Assert.Equal(files, seen.Count);
    }

    [Fact]
    public void Names_that_are_not_UTF8_come_as_they_are()
    {
        using FileDescriptor directory = OpenDescriptor();
        DurableFile.Replace(directory, "x", "1"u8, 0x180);
        Assert.Equal(0, NativeBytes.Rename(_temp["x"], [.. Encoding.UTF8.GetBytes(_temp["bad"]), 0xff, 0xfe]));
        using DirectoryReader reader = Open();
        Assert.Equal(1, reader.TryNext(out DirectoryEntry entry));
        Assert.Equal([(byte)'b', (byte)'a', (byte)'d', 0xff, 0xfe], entry.Name.ToArray());
        Assert.Equal(0, reader.TryNext(out _));
        Assert.Equal(0, NativeBytes.Rename([.. Encoding.UTF8.GetBytes(_temp["bad"]), 0xff, 0xfe], _temp["x"]));
    }

    [Fact]
    public void An_empty_directory_ends_at_once_and_stays_ended()
    {
        using DirectoryReader reader = Open();
        Assert.Equal(0, reader.TryNext(out _));
        Assert.Equal(0, reader.TryNext(out _));
    }

    private DirectoryReader Open() => new(OpenDescriptor());

    private FileDescriptor OpenDescriptor()
    {
        using var root = BeneathRoot.Open(_temp.Path);
        return new FileDescriptor(root.TryOpenDirectory("."u8, out _));
    }
}
