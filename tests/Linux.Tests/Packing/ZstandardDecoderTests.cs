namespace Strata.Linux.Tests.Packing;

public class ZstandardDecoderTests
{
    // A frame with a window of 8 MiB, of one block that is stored as it is.
    private static readonly byte[] Frame = [0x28, 0xb5, 0x2f, 0xfd, 0, 13 << 3, (5 << 3) | 1, 0, 0, .. "hello"u8];

    [Fact]
    public void Frames_are_unpacked_byte_by_byte_one_behind_the_other()
    {
        using var decoder = new ZstandardDecoder(23);
        Assert.True(ZstandardDecoder.IsAvailable && decoder.IsAtEnd);
        var unpacked = new List<byte>();
        Span<byte> one = stackalloc byte[1];
        foreach (var value in (byte[])[.. Frame, .. Frame])
        {
            for (var left = (ReadOnlySpan<byte>)[value]; !left.IsEmpty;)
            {
                var made = decoder.Decode(left, one, out int taken);
                left = left[taken..];
                unpacked.AddRange(one[..made]);
            }
        }

        while (decoder.Decode([], one, out _) == 1)
        {
            unpacked.Add(one[0]);
        }

        Assert.Equal("hellohello"u8.ToArray(), unpacked);
        Assert.True(decoder.IsAtEnd);
    }

    [Fact]
    public void What_ends_in_the_middle_is_known_and_what_is_damaged_or_wants_too_large_a_window_is_refused()
    {
        var room = new byte[16];
        using var decoder = new ZstandardDecoder(23);
        decoder.Decode(Frame.AsSpan(0, 8), room, out _);
        Assert.False(decoder.IsAtEnd);
        using var other = new ZstandardDecoder(22);
        Assert.Throws<InvalidDataException>(() => other.Decode(Frame, room, out _));
        using var damaged = new ZstandardDecoder(23);
        Assert.Throws<InvalidDataException>(() => damaged.Decode("no frame at all"u8, room, out _));
    }

    [Theory]
    [InlineData(9)]
    [InlineData(31)]
    public void A_bound_that_no_decoder_has_is_refused(int log) => Assert.Throws<ArgumentOutOfRangeException>(() => new ZstandardDecoder(log));

    [Fact]
    public void One_that_is_disposed_is_not_used()
    {
        var decoder = new ZstandardDecoder(23);
        decoder.Dispose();
        decoder.Dispose();
        Assert.Throws<ObjectDisposedException>(() => decoder.Decode(Frame, new byte[1], out _));
    }
}
