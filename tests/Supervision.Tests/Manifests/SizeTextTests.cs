namespace Strata.Supervision.Tests.Manifests;

public sealed class SizeTextTests
{
    [Theory]
    [InlineData("0B", 0)]
    [InlineData("1023B", 1023)]
    [InlineData("64K", 65536)]
    [InlineData("256M", 268435456)]
    [InlineData("999999999G", 999999999L << 30)]
    public void A_size_is_read_and_written_alike(string text, long bytes)
    {
        Assert.True(SizeText.TryParse(text, out var read));
        Assert.Equal(bytes, read);
        Assert.Equal(text, SizeText.Of(bytes));
    }

    [Theory]
    [InlineData("")]
    [InlineData("K")]
    [InlineData("64")]
    [InlineData("64k")]
    [InlineData("64KB")]
    [InlineData(" 64K")]
    [InlineData("-1K")]
    [InlineData("1.5G")]
    [InlineData("64\0K")]
    [InlineData("1234567890K")]
    [InlineData("٣K")]
    public void Anything_else_is_no_size(string text) => Assert.False(SizeText.TryParse(text, out _));

    [Fact]
    public void The_larger_unit_is_written_only_when_nothing_is_lost() => Assert.Equal("1536K", SizeText.Of(1536 * 1024));
}
