namespace Strata.Linux.Tests;

public sealed class SecureRandomTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(257)]
    [InlineData(1024 * 1024)]
    public void Every_byte_of_a_span_is_filled(int length)
    {
        // Each place is a random byte: that one stays zero in 40 rounds has a chance of 1 in 2^320.
        var seen = new byte[length];
        var bytes = new byte[length];
        for (var round = 0; round < 40; round++)
        {
            SecureRandom.Fill(bytes);
            for (var i = 0; i < length; i++)
            {
                seen[i] |= bytes[i];
            }
        }

        Assert.DoesNotContain((byte)0, seen);
    }

    [Fact]
    public void Hex_gives_two_digits_a_byte_and_never_the_same()
    {
        Assert.Equal(1000, Enumerable.Range(0, 1000).Select(_ => SecureRandom.Hex(8)).Distinct().Count());
        Assert.Matches("^[0-9a-f]{128}$", SecureRandom.Hex(SecureRandom.MaxHexBytes));
        Assert.Throws<ArgumentOutOfRangeException>(() => SecureRandom.Hex(SecureRandom.MaxHexBytes + 1));
    }
}
