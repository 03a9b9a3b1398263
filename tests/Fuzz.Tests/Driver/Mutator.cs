using System.Buffers.Binary;

namespace Strata.Fuzz.Tests;

/// <summary>Changes an input in one of many small ways, as parsers are known to trip over.</summary>
/// <param name="random">Decides all.</param>
/// <param name="tokens">Pieces of the target's grammar.</param>
/// <param name="pool">Inputs to take pieces from.</param>
internal sealed class Mutator(SeededRandom random, IReadOnlyList<byte[]> tokens, IReadOnlyList<byte[]> pool)
{
    private const int MaxStacked = 6;
    private const int MaxPiece = 64;

    private static readonly byte[][] Numbers = Bytes(
        "0", "1", "-1", "-0", "00", "01", "1.0", "1e0", "1e9", "0.5", "9", "15", "16", "127", "128", "255", "256", "1024", "4096", "8192", "65535", "65536",
        "2147483647", "2147483648", "-2147483648", "4294967294", "4294967295", "4294967296", "9007199254740991", "9007199254740992",
        "9223372036854775807", "9223372036854775808", "-9223372036854775808", "18446744073709551615", "1e308", "1e999", "123456789012345678901234567890");

    private static readonly byte[][] Characters =
    [
        [0x00], [0x7f], [0x80], [0xc0, 0x80], [0xc0, 0xaf], [0xe0, 0x80, 0xaf], [0xed, 0xa0, 0x80], [0xed, 0xbf, 0xbf], [0xf4, 0x90, 0x80, 0x80], [0xff], [0xfe, 0xff], [0xef, 0xbb, 0xbf], [0xc3],
        .. Bytes("\u00e9", "e\u0301", "\u00a0", "\u200b", "\u200d", "\u202e", "\u2028", "\u2024", "\u2215", "\uff0e", "\uff0f", "\uffff", "\U0001f600", "\U0010ffff", "\u212a", "\u0130", "\u017f"),
        .. Bytes("\\u0000", "\\ud800", "\\udc00", "\\ud83d\\ude00", "\\u002e", "\\u002F", "\\/", "\\n", "\r\n", "\n", "\t", "\u001b[2J"),
    ];

    private static readonly int[] Lengths = [0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 0x400, 0x401, 0x7fff, 0x8000, 0xffff, 0x10000, 0x100000, 0x100001, int.MaxValue, int.MinValue, -1];

    /// <summary>Changes an input, mostly once, sometimes several times.</summary>
    internal void Mutate(InputBuffer input)
    {
        var times = random.OneIn(4) ? 1 + random.Below(MaxStacked) : 1;
        for (; times > 0; times--)
        {
            MutateOnce(input);
        }
    }

    private static byte[][] Bytes(params string[] texts) => [.. texts.Select(System.Text.Encoding.UTF8.GetBytes)];

    private void MutateOnce(InputBuffer input)
    {
        if (input.Length == 0)
        {
            input.Replace(0, 0, random.Of(tokens));
            return;
        }

        var at = random.Below(input.Length);
        switch (random.Below(15))
        {
            case 0:
                input.Span[at] ^= (byte)(1 << random.Below(8));
                break;
            case 1:
                input.Span[at] = (byte)random.Below(256);
                break;
            case 2:
                input.Span[at] = input.Span[random.Below(input.Length)];
                break;
            case 3:
                input.Replace(at, 0, random.Of(Characters));
                break;
            case 4:
                input.Replace(at, PieceAt(at, input.Length), default);
                break;
            case 5:
                input.Replace(random.Below(input.Length + 1), 0, input.Span.Slice(at, PieceAt(at, input.Length)));
                break;
            case 6:
                var from = random.Below(input.Length);
                input.Replace(at, PieceAt(at, input.Length), input.Span.Slice(from, PieceAt(from, input.Length)));
                break;
            case 7 or 8:
                Splice(input, at);
                break;
            case 9 or 10:
                input.Replace(at, 0, random.Of(tokens));
                break;
            case 11:
                input.Replace(at, PieceAt(at, input.Length), random.Of(tokens));
                break;
            case 12:
                ReplaceNumber(input, at);
                break;
            case 13:
                ChangeLength(input, at);
                break;
            default:
                input.Cut(at);
                break;
        }
    }

    // Short pieces are what a grammar is made of; a long one now and then moves whole parts.
    private int PieceAt(int at, int length) => Math.Min(length - at, 1 + random.Below(random.OneIn(8) ? length : Math.Min(length, MaxPiece)));

    private void Splice(InputBuffer input, int at)
    {
        var other = random.Of(pool);
        if (other.Length == 0)
        {
            return;
        }

        var from = random.Below(other.Length);
        var piece = other.AsSpan(from, PieceAt(from, other.Length));
        input.Replace(at, random.OneIn(2) ? 0 : PieceAt(at, input.Length), piece);
    }

    private void ReplaceNumber(InputBuffer input, int at)
    {
        var start = input.Span[at..].IndexOfAnyInRange((byte)'0', (byte)'9');
        if (start < 0)
        {
            input.Replace(at, 0, random.Of(Numbers));
            return;
        }

        var digits = input.Span[(at + start)..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        input.Replace(at + start, digits < 0 ? input.Length - at - start : digits, random.Of(Numbers));
    }

    private void ChangeLength(InputBuffer input, int at)
    {
        if (input.Length - at < sizeof(int))
        {
            return;
        }

        var field = input.Span.Slice(at, sizeof(int));
        var value = random.Below(3) switch
        {
            0 => random.Of(Lengths),
            1 => BinaryPrimitives.ReadInt32BigEndian(field) + random.Below(9) - 4,
            _ => input.Length - at - sizeof(int) + random.Below(3) - 1,
        };
        BinaryPrimitives.WriteInt32BigEndian(field, value);
    }
}
