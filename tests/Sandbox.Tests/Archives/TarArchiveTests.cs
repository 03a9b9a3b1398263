namespace Strata.Sandbox.Tests;

public sealed class TarArchiveTests : IDisposable
{
    private readonly UnpackPlace _place = new();

    public void Dispose() => _place.Dispose();

    [Theory]
    [InlineData('S')]
    [InlineData('V')]
    [InlineData('M')]
    [InlineData('D')]
    [InlineData('?')]
    public void What_would_be_read_wrongly_is_refused(char kind) => Assert.Contains("archive has", _place.Refusal(new TarMaker().Entry(kind, "x").Done()), StringComparison.Ordinal);

    [Fact]
    public void A_sparse_file_in_the_extended_form_is_refused() =>
        Assert.Contains("sparse", _place.Refusal(new TarMaker().Pax(("GNU.sparse.major", "1")).File("x", "map").Done()), StringComparison.Ordinal);

    [Fact]
    public void A_size_of_an_extended_header_counts_and_a_huge_one_is_refused()
    {
        _place.Unpack(new TarMaker().Pax(("size", "5")).Entry('0', "f", content: "hello"u8.ToArray(), size: 0).File("g", "x").Done());
        Assert.Equal("hello", File.ReadAllText(_place["f"]));
        Assert.Equal("x", File.ReadAllText(_place["g"]));
        Assert.NotEmpty(_place.Refusal(new TarMaker().Pax(("size", "9223372036854775807")).File("f").Done()));
        Assert.NotEmpty(_place.Refusal(new TarMaker().Pax(("size", "-1")).File("f").Done()));
    }

    [Fact]
    public void An_archive_that_is_cut_is_refused_wherever_it_is_cut()
    {
        byte[] whole = new TarMaker().Pax(("path", "long")).File("f", new string('x', 600)).Done();
        foreach (int length in new[] { 1, 511, 513, 1023, 1025, 1536 + 1, 2048, 2048 + 100 })
        {
            Assert.NotEmpty(_place.Refusal(whole[..length]));
        }
    }

    [Fact]
    public void A_header_with_a_wrong_checksum_is_refused()
    {
        byte[] whole = new TarMaker().File("f", "x").Done();
        whole[0] ^= 1;
        Assert.Contains("checksum", _place.Refusal(whole), StringComparison.Ordinal);
    }

    [Fact]
    public void The_oldest_form_says_directory_by_a_slash()
    {
        _place.Unpack(new TarMaker().Entry('\0', "old/").Entry('\0', "old/file", content: "x"u8.ToArray()).Done());
        Assert.True(File.Exists(_place["old/file"]));
    }
}
