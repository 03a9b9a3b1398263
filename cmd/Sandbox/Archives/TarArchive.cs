using System.Globalization;
using System.Text;

namespace Strata.Sandbox;

/// <summary>Reads an archive from its beginning to its end, an entry at a time, with bounded memory: v7, POSIX and GNU forms, long names, extended headers.</summary>
/// <remarks>
/// Our own, since the framework's reader holds an extended header of any size in memory and knows paths as text only. What would be read wrongly
/// (sparse files, volumes) is refused and not guessed.
/// </remarks>
internal sealed class TarArchive(Stream source)
{
    /// <summary>The most bytes of an extended header or long name.</summary>
    internal const int MaxHeaderBytes = 1 << 20;

    /// <summary>Most headers that may stand before one entry.</summary>
    internal const int MaxHeaders = 8;

    private readonly byte[] _block = new byte[TarHeader.Bytes];
    private long _left;
    private int _padding;

    /// <summary>The next entry; null at the archive's end.</summary>
    /// <exception cref="ArchiveException">It is damaged, or has what is not read.</exception>
    internal ArchiveEntry? Next()
    {
        Skip();
        byte[]? longName = null;
        byte[]? longTarget = null;
        PaxRecords? records = null;
        for (int headers = 0; headers <= MaxHeaders; headers++)
        {
            if (!ReadBlock())
            {
                return headers == 0 ? null : throw Cut();
            }

            var header = new TarHeader(_block);
            if (header.IsEnd)
            {
                return headers == 0 ? null : throw Cut();
            }

            header.Check();
            switch (header.Kind)
            {
                case 'x':
                    records = PaxRecords.Parse(ReadWhole(header.SizeBytes));
                    break;
                case 'g':
                    ReadWhole(header.SizeBytes); // What holds for all entries are comments and the like.
                    break;
                case 'L':
                    longName = UpToNul(ReadWhole(header.SizeBytes));
                    break;
                case 'K':
                    longTarget = UpToNul(ReadWhole(header.SizeBytes));
                    break;
                default:
                    return Entry(header, records, longName, longTarget);
            }
        }

        throw new ArchiveException(string.Create(CultureInfo.InvariantCulture, $"the archive has more than {MaxHeaders} headers before one entry"));
    }

    /// <summary>Reads the content of the entry that came last; 0 at its end.</summary>
    internal int Read(Span<byte> buffer)
    {
        int wanted = (int)Math.Min(buffer.Length, _left);
        int read = wanted == 0 ? 0 : source.Read(buffer[..wanted]);
        if (read == 0 && wanted > 0)
        {
            throw Cut();
        }

        _left -= read;
        return read;
    }

    private ArchiveEntry Entry(in TarHeader header, PaxRecords? records, byte[]? longName, byte[]? longTarget)
    {
        byte[] path = records?.Path ?? longName ?? header.Path;
        var kind = KindOf(header.Kind, path);
        if (records is { IsSparse: true })
        {
            throw new ArchiveException($"the archive has a sparse file, {Encoding.UTF8.GetString(path)}, which is not read; write it without --sparse");
        }

        long size = records?.SizeBytes ?? header.SizeBytes;
        // Of what has no content some writers say the size nevertheless; none of it follows.
        _left = kind == TarKind.File ? size : 0;
        _padding = (int)(-_left & (TarHeader.Bytes - 1));
        bool leads = kind is TarKind.Link or TarKind.HardLink;
        return new ArchiveEntry(
            kind, path, leads ? records?.Target ?? longTarget ?? header.Target.ToArray() : [], _left, header.Mode, records?.Uid ?? header.Uid, records?.Gid ?? header.Gid,
            records?.ModifiedUnixNs ?? Nanoseconds(header.ModifiedSeconds), records?.Attributes ?? new Dictionary<string, byte[]>());
    }

    private static TarKind KindOf(char kind, ReadOnlySpan<byte> path) => kind switch
    {
        '0' or '\0' when path.EndsWith("/"u8) => TarKind.Directory, // The oldest form has no kind for directories.
        '0' or '\0' or '7' => TarKind.File,
        '1' => TarKind.HardLink,
        '2' => TarKind.Link,
        '3' or '4' => TarKind.Device,
        '5' => TarKind.Directory,
        '6' => TarKind.Fifo,
        'S' => throw new ArchiveException($"the archive has a sparse file, {Encoding.UTF8.GetString(path)}, which is not read; write it without --sparse"),
        _ => throw new ArchiveException($"the archive has an entry of an unknown kind ({(char.IsAsciiLetterOrDigit(kind) ? kind : '?')}): {Encoding.UTF8.GetString(path)}"),
    };

    private static long Nanoseconds(long seconds) => seconds is > -9_000_000_000 and < 9_000_000_000 ? seconds * 1_000_000_000 : 0;

    private static byte[] UpToNul(byte[] text) => text.AsSpan().IndexOf((byte)0) is >= 0 and var end ? text[..end] : text;

    private static ArchiveException Cut() => new("the archive ends in the middle of an entry");

    private byte[] ReadWhole(long size)
    {
        if (size > MaxHeaderBytes)
        {
            throw new ArchiveException(string.Create(CultureInfo.InvariantCulture, $"the archive has an extended header of {size} bytes; the most is {MaxHeaderBytes}"));
        }

        byte[] content = new byte[size];
        (_left, _padding) = (size, (int)(-size & (TarHeader.Bytes - 1)));
        for (int have = 0; have < content.Length;)
        {
            have += Read(content.AsSpan(have));
        }

        Skip();
        return content;
    }

    /// <summary>Leaves what was not read of an entry behind.</summary>
    private void Skip()
    {
        Span<byte> nothing = stackalloc byte[4096];
        while (_left > 0)
        {
            Read(nothing);
        }

        (_left, _padding) = (_padding, 0);
        while (_left > 0)
        {
            Read(nothing);
        }
    }

    private bool ReadBlock()
    {
        int have = source.ReadAtLeast(_block, TarHeader.Bytes, throwOnEndOfStream: false);
        return have == TarHeader.Bytes || (have == 0 ? false : throw Cut());
    }
}
