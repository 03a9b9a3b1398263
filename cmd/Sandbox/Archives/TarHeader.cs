using System.Globalization;

namespace Strata.Sandbox;

/// <summary>One block of 512 bytes that begins an entry. Pure.</summary>
internal readonly ref struct TarHeader(ReadOnlySpan<byte> block)
{
    internal const int Bytes = 512;

    /// <summary>The longest content an entry may claim; beyond it no arithmetic here is safe.</summary>
    internal const long MaxSizeBytes = 1L << 53;

    private const int ChecksumAt = 148;
    private const int ChecksumBytes = 8;

    private readonly ReadOnlySpan<byte> _block = block;

    internal bool IsEnd => !_block.ContainsAnyExcept((byte)0);

    internal char Kind => (char)_block[156];

    internal int Mode => (int)(Number(100, 8, "mode") & 0xfff);

    internal uint Uid => (uint)Math.Clamp(Number(108, 8, "uid"), 0, uint.MaxValue);

    internal uint Gid => (uint)Math.Clamp(Number(116, 8, "gid"), 0, uint.MaxValue);

    internal long SizeBytes => Number(124, 12, "size") is >= 0 and <= MaxSizeBytes and var size ? size : throw new ArchiveException("an entry of the archive has an impossible size");

    internal long ModifiedSeconds => Number(136, 12, "mtime");

    internal ReadOnlySpan<byte> Target => Text(157, 100);

    /// <summary>The path; in the POSIX form its first part stands elsewhere.</summary>
    internal byte[] Path
    {
        get
        {
            var name = Text(0, 100);
            var prefix = _block.Slice(257, 6).SequenceEqual("ustar\0"u8) ? Text(345, 155) : default;
            return prefix.IsEmpty ? name.ToArray() : [.. prefix, (byte)'/', .. name];
        }
    }

    /// <summary>Refuses a block that is no header.</summary>
    internal void Check()
    {
        int unsigned = 0;
        int signed = 0;
        for (int i = 0; i < Bytes; i++)
        {
            byte value = i is >= ChecksumAt and < ChecksumAt + ChecksumBytes ? (byte)' ' : _block[i];
            unsigned += value;
            signed += (sbyte)value;
        }

        long said = Number(ChecksumAt, ChecksumBytes, "checksum");
        if (said != unsigned && said != signed)
        {
            throw new ArchiveException("the archive is damaged, or no tar archive at all: the checksum of a header is wrong");
        }
    }

    private ReadOnlySpan<byte> Text(int at, int bytes)
    {
        var field = _block.Slice(at, bytes);
        int end = field.IndexOf((byte)0);
        return end < 0 ? field : field[..end];
    }

    /// <summary>Octal digits, or where the first bit is set a signed binary number.</summary>
    private long Number(int at, int bytes, string what)
    {
        var field = _block.Slice(at, bytes);
        if ((field[0] & 0x80) != 0)
        {
            return Binary(field, what);
        }

        long value = 0;
        foreach (byte digit in field.Trim(" \0"u8))
        {
            value = digit is >= (byte)'0' and <= (byte)'7' ? (value << 3) | (uint)(digit - '0')
                : throw new ArchiveException(string.Create(CultureInfo.InvariantCulture, $"the archive is damaged: the {what} of an entry is no number"));
        }

        return value;
    }

    private static long Binary(ReadOnlySpan<byte> field, string what)
    {
        bool negative = (field[0] & 0x40) != 0;
        long value = negative ? -1 : 0;
        for (int i = 0; i < field.Length; i++)
        {
            byte part = i == 0 ? (byte)(negative ? field[0] | 0x80 : field[0] & 0x7f) : field[i];
            if (value is > long.MaxValue >> 8 or < long.MinValue >> 8)
            {
                throw new ArchiveException($"the archive is damaged: the {what} of an entry is beyond any bound");
            }

            value = (value << 8) | part;
        }

        return value;
    }
}
