using System.Text;
using Strata.Sandbox;
using static Strata.Fuzz.Tests.BrokenInvariantException;

namespace Strata.Fuzz.Tests;

/// <summary>
/// An archive, whose sums are put right first so that not every change is refused by them: as many bytes of content as each entry says, no name that leads out, and an
/// entry no longer than what is there.
/// </summary>
internal sealed class TarTarget : FuzzTarget
{
    private const int BlockBytes = 512;

    internal override string Name => "tar";

    internal override int MaxBytes => 8 * BlockBytes;

    internal override int Costs => 10;

    internal override IReadOnlyList<byte[]> Tokens { get; } =
    [
        .. Texts("ustar\0" + "00", "ustar  \0", "0000644\0", "00000000005\0", "00000001000\0", "../", "/", "./", "a/b", "19 path=a/b/c/d/e/f\n", "11 size=5\n", "20 GNU.sparse.major=1\n", "27 SCHILY.xattr.user.a=abcde\n", "x", "L", "K", "g", "1", "2", "5", "S"),
        new byte[BlockBytes], [0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0], [0xff, 255, 255, 255, 255, 255, 255, 255],
    ];

    internal override IEnumerable<byte[]> Seeds =>
    [
        [.. Header("a/file", 5, '0'), .. Block("hello"), .. new byte[2 * BlockBytes]],
        [.. Header("dir/", 0, '5'), .. Header("dir/link", 0, '2'), .. new byte[2 * BlockBytes]],
        [.. Header("PaxHeaders/a", 28, 'x'), .. Block("28 path=a/longer/name/of/it\n"), .. Header("short", 0, '0'), .. new byte[2 * BlockBytes]],
        [.. Header("././@LongLink", 6, 'L'), .. Block("a/long"), .. Header("short", 3, '0'), .. Block("abc"), .. new byte[2 * BlockBytes]],
    ];

    internal override Outcome Execute(ReadOnlySpan<byte> input)
    {
        var bytes = input.ToArray();
        for (var at = 0; at + BlockBytes <= bytes.Length; at += BlockBytes)
        {
            if (bytes.AsSpan(at + 257, 5).SequenceEqual("ustar"u8))
            {
                Seal(bytes.AsSpan(at, BlockBytes));
            }
        }

        var (entries, kinds, read) = (0, 0, 0L);
        try
        {
            var archive = new TarArchive(new MemoryStream(bytes));
            while (archive.Next() is { } entry)
            {
                read += ReadContent(archive, entry);
                kinds |= 1 << (int)entry.Kind;
                Unless(++entries <= bytes.Length / BlockBytes && read <= bytes.Length, "more came out of an archive than is in it");
                foreach (var name in LayerPath.Parse(entry.Path, new UnpackLimits()))
                {
                    Unless(name.Length is > 0 and <= 255 && !name.AsSpan().ContainsAny((byte)'/', (byte)0) && !name.AsSpan().SequenceEqual(".."u8), "a name of an archive leads elsewhere");
                }
            }
        }
        catch (ArchiveException e)
        {
            return new Outcome(false, Encoding.Latin1.GetString([.. Encoding.UTF8.GetBytes(e.Message).TakeWhile(b => b != ':')]), kinds);
        }

        return new Outcome(entries > 0, entries > 0 ? null : "nothing in it", kinds + (Math.Min(entries, 3) * 256));
    }

    private static long ReadContent(TarArchive archive, ArchiveEntry entry)
    {
        Unless(entry.SizeBytes >= 0 && (entry.Kind == TarKind.File || entry.SizeBytes == 0) && entry.Mode is >= 0 and <= 0xfff, "an entry says what cannot be");
        // Every other entry is left unread, as one that is of no interest.
        if (entry.Path.Length % 2 == 1)
        {
            return 0;
        }

        Span<byte> buffer = stackalloc byte[100];
        long read = 0;
        for (int count; (count = archive.Read(buffer)) > 0;)
        {
            read += count;
        }

        Unless(read == entry.SizeBytes, "an entry has another length than it says");
        return read;
    }

    private static void Seal(Span<byte> header)
    {
        header.Slice(148, 8).Fill((byte)' ');
        var sum = 0;
        foreach (var value in header)
        {
            sum += value;
        }

        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ", header.Slice(148, 8));
    }

    private static byte[] Header(string name, int size, char kind)
    {
        var header = new byte[BlockBytes];
        Encoding.ASCII.GetBytes(name, header);
        Encoding.ASCII.GetBytes("0000644\0" + "0000000\0" + "0000000\0", header.AsSpan(100));
        Encoding.ASCII.GetBytes(Convert.ToString(size, 8).PadLeft(11, '0') + "\0" + "00000000001\0", header.AsSpan(124));
        header[156] = (byte)kind;
        Encoding.ASCII.GetBytes(kind == '2' ? "target" : "", header.AsSpan(157));
        Encoding.ASCII.GetBytes("ustar\0" + "00", header.AsSpan(257));
        return header;
    }

    private static byte[] Block(string text)
    {
        var block = new byte[BlockBytes];
        Encoding.ASCII.GetBytes(text, block);
        return block;
    }
}
