using Strata.Policy;

namespace Strata.Identity.Tests;

public class RevocationRecordsTests
{
    private static readonly DateTimeOffset Expires = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly RevokedCapability[] Three = [.. Enumerable.Range(1, 3).Select(i => Scratch.Revoked(i, Expires))];

    [Fact]
    public void What_is_written_is_read_again()
    {
        RevokedCapability[] entries = [.. Three, new("0123456789abcdef", Expires), new(new string('f', 64), Expires)];

        var content = RevocationRecords.Parse(RevocationRecords.EncodeFile(entries));

        Assert.Equal(entries, content.Entries);
        Assert.Null(content.Fault);
        Assert.False(content.IsTorn);
    }

    [Fact]
    public void The_format_is_the_documented_one()
    {
        var text = System.Text.Encoding.ASCII.GetString(RevocationRecords.EncodeFile([Three[0]]));

        // The checksum was computed by an independent implementation of CRC-32C.
        Assert.Equal("strata-revocations 1\n00000000000000000000000000000001 1893456000 " + Crc32CReference("00000000000000000000000000000001 1893456000") + "\n", text);
    }

    [Fact]
    public void Cut_at_any_byte_every_whole_record_before_is_kept()
    {
        var file = RevocationRecords.EncodeFile(Three);
        var ends = Enumerable.Range(0, file.Length).Where(i => file[i] == '\n').Select(i => i + 1).ToArray();
        for (var length = ends[0]; length <= file.Length; length++)
        {
            var content = RevocationRecords.Parse(file.AsSpan(0, length));

            Assert.Null(content.Fault);
            var whole = ends.Count(e => e <= length) - 1;
            Assert.Equal(Three.Take(whole), content.Entries.Take(whole));
            Assert.InRange(content.Entries.Count, whole, whole + 1);
            Assert.Equal(!ends.Contains(length), content.IsTorn);
        }
    }

    [Fact]
    public void Zeros_that_a_crash_left_after_a_beginning_are_unfinished_not_damage()
    {
        var file = RevocationRecords.EncodeFile(Three);
        var lineStart = RevocationRecords.EncodeFile(Three[..2]).Length;
        for (var kept = lineStart; kept < file.Length - 9; kept++)
        {
            var content = RevocationRecords.Parse([.. file[..kept], .. new byte[100]]);

            Assert.Null(content.Fault);
            Assert.True(content.IsTorn);
            Assert.Equal(Three[..2], content.Entries);
        }
    }

    [Fact]
    public void A_file_cut_within_its_header_is_damage_because_no_crash_leaves_one()
    {
        for (var length = 0; length < RevocationRecords.Header.Length; length++)
        {
            Assert.NotNull(RevocationRecords.Parse(RevocationRecords.Header[..length]).Fault);
        }
    }

    [Fact]
    public void Any_flipped_bit_is_damage_and_never_a_lost_revocation()
    {
        var file = RevocationRecords.EncodeFile(Three);
        for (var position = 0; position < file.Length; position++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var damaged = (byte[])file.Clone();
                damaged[position] ^= (byte)(1 << bit);

                var content = RevocationRecords.Parse(damaged);

                Assert.True(content.Fault is not null, $"bit {bit} of byte {position} went unnoticed");
            }
        }
    }

    [Fact]
    public void Inverted_bytes_are_damage()
    {
        var file = RevocationRecords.EncodeFile(Three);
        for (var position = 0; position < file.Length; position++)
        {
            var damaged = (byte[])file.Clone();
            damaged[position] ^= 0xff;

            Assert.NotNull(RevocationRecords.Parse(damaged).Fault);
        }
    }

    [Fact]
    public void Random_bytes_never_throw()
    {
        var random = new Random(20300101);
        for (var i = 0; i < 5000; i++)
        {
            var tail = new byte[random.Next(200)];
            random.NextBytes(tail);
            if (i % 2 == 0)
            {
                for (var j = 0; j < tail.Length; j++)
                {
                    tail[j] = "0123456789abcdef \n\0"u8[tail[j] % 19];
                }
            }

            _ = RevocationRecords.Parse([.. RevocationRecords.Header, .. tail]);
        }
    }

    private static string Crc32CReference(string text)
    {
        var crc = 0xffffffffu;
        foreach (var c in text)
        {
            crc ^= c;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82f63b78 : crc >> 1;
            }
        }

        return (~crc).ToString("x8", System.Globalization.CultureInfo.InvariantCulture);
    }
}
