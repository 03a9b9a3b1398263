using System.Text;

namespace Strata.Linux.Tests.Files;

public sealed class TrustedDirectoryTests : IDisposable
{
    private const uint Somebody = 12345;

    private readonly TempDirectory _home = new();

    public TrustedDirectoryTests() => Directory.CreateDirectory(Place, (UnixFileMode)0x1ED);

    private string Place => _home["place"];

    public void Dispose() => _home.Dispose();

    [Fact]
    public void Files_with_the_suffix_are_read_by_name_and_no_others()
    {
        Write("b.conf", "two");
        Write("a.conf", "one");
        Write(".hidden.conf", "");
        Write("a.conf.bak", "");

        var read = Read();

        Assert.True(read.Exists);
        Assert.Empty(read.Faults);
        Assert.Equal([(Path.Combine(Place, "a.conf"), "one", null), (Path.Combine(Place, "b.conf"), "two", null)], read.Files.Select(f => (f.Path, Encoding.UTF8.GetString(f.Content.Span), f.Fault)));
    }

    [Fact]
    public void A_directory_that_is_not_there_is_empty_and_one_that_is_a_file_is_a_fault()
    {
        var absent = TrustedDirectory.Read(_home["absent"], ".conf", 4, 8, judge: true);
        Assert.False(absent.Exists);
        Assert.Empty(absent.Faults);

        Write("file", "");
        Assert.Contains("ENOTDIR", Assert.Single(TrustedDirectory.Read(Path.Combine(Place, "file"), ".conf", 4, 8, judge: true).Faults), StringComparison.Ordinal);
        Assert.Contains("ENOTDIR", Assert.Single(TrustedDirectory.Read(Path.Combine(Place, "file/below"), ".conf", 4, 8, judge: true).Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void As_many_files_as_allowed_are_read_and_of_one_more_none()
    {
        foreach (var name in (string[])["1", "2", "3", "4"])
        {
            Write(name + ".conf", name);
        }

        Assert.Equal(4, Read().Files.Count);
        Write("5.conf", "");
        Assert.Empty(Read().Files);
        Assert.Equal($"'{Place}' has more than 4 files that end in .conf", Assert.Single(Read().Faults));
    }

    [Fact]
    public void Of_a_file_that_is_too_large_one_byte_more_than_allowed_is_read()
    {
        Write("a.conf", "12345678");
        Write("b.conf", "123456789");
        Write("c.conf", new string('x', 100_000));

        Assert.Equal([8, 9, 9], Read().Files.Select(f => f.Content.Length));
    }

    [Theory]
    [InlineData(0x1B4, "664")]
    [InlineData(0x1A6, "646")]
    public void A_file_that_others_can_write_is_not_read(int mode, string shown)
    {
        var path = Write("a.conf", "secret", mode);

        var file = Assert.Single(Read().Files);

        Assert.Equal($"has mode {shown}, so others can change what this node runs; run: chmod go-w '{path}'", file.Fault);
        Assert.True(file.Content.IsEmpty);
        Assert.Null(Assert.Single(TrustedDirectory.Read(Place, ".conf", 4, 8, judge: false).Files).Fault);
    }

    [Fact]
    public void What_belongs_to_somebody_else_is_not_trusted_be_it_file_directory_or_above()
    {
        Assert.SkipUnless(UserId.Effective == 0, "only root can give something away");
        var file = Write("a.conf", "");
        Assert.Equal(0, Native.ChangeOwner(file, Somebody));
        Assert.Equal($"belongs to uid {Somebody}, neither root nor the user of this node; run: chown 0 '{file}'", Assert.Single(Read().Files).Fault);

        Assert.Equal(0, Native.ChangeOwner(Place, Somebody));
        Assert.Equal(0, Native.ChangeOwner(_home.Path, Somebody));
        Assert.Equal(
            [$"'{Place}' belongs to uid {Somebody}, neither root nor the user of this node; run: chown 0 '{Place}'",
             $"'{_home.Path}', which leads to '{Place}', belongs to uid {Somebody}, neither root nor the user of this node; run: chown 0 '{_home.Path}'"],
            Read().Faults);
    }

    [Fact]
    public void A_link_inside_is_followed_and_one_that_leads_out_is_not()
    {
        var outside = _home["outside.conf"];
        File.WriteAllText(outside, "x");
        Write("real", "here");
        File.CreateSymbolicLink(Path.Combine(Place, "a.conf"), "real");
        File.CreateSymbolicLink(Path.Combine(Place, "b.conf"), outside);
        File.CreateSymbolicLink(Path.Combine(Place, "c.conf"), "../outside.conf");
        Assert.Equal(0, Native.MakeFifo(Path.Combine(Place, "d.conf")));

        var files = Read().Files;

        Assert.Equal("here", Encoding.UTF8.GetString(files[0].Content.Span));
        Assert.All(files.Skip(1).Take(2), f => Assert.Equal("is a link that leads out of the directory; put the file itself there", f.Fault));
        Assert.Equal("is not a regular file", files[3].Fault);
    }

    [Fact]
    public void A_quote_in_a_path_cannot_end_the_advice_early()
    {
        var path = Write("it's.conf", "", 0x1B6);

        Assert.EndsWith($"chmod go-w '{path.Replace("'", "'\\''", StringComparison.Ordinal)}'", Assert.Single(Read().Files).Fault!, StringComparison.Ordinal);
    }

    private TrustedDirectory Read() => TrustedDirectory.Read(Place, ".conf", 4, 8, judge: true);

    private string Write(string name, string text, int mode = 0x1A4)
    {
        var path = Path.Combine(Place, name);
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, (UnixFileMode)mode);
        return path;
    }
}
