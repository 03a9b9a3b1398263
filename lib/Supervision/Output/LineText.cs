using System.Text;

namespace Strata.Supervision;

/// <summary>Turns the bytes of a line into text.</summary>
public static class LineText
{
    private const int MaxRuneBytes = 4;

    /// <summary>The text: a carriage return at its end is left out, what is not UTF-8 becomes U+FFFD.</summary>
    /// <param name="line">The bytes.</param>
    /// <param name="cut">Whether the line was cut, possibly within a character, which is then left out.</param>
    public static string Of(ReadOnlySpan<byte> line, bool cut)
    {
        if (cut)
        {
            line = WithoutHalfRune(line);
        }
        else if (line is [.., (byte)'\r'])
        {
            line = line[..^1];
        }

        return Encoding.UTF8.GetString(line);
    }

    private static ReadOnlySpan<byte> WithoutHalfRune(ReadOnlySpan<byte> line)
    {
        for (var back = 1; back < MaxRuneBytes && back <= line.Length; back++)
        {
            var tail = line[^back..];
            if ((tail[0] & 0xC0) != 0x80)
            {
                return Rune.DecodeFromUtf8(tail, out _, out _) == System.Buffers.OperationStatus.NeedMoreData ? line[..^back] : line;
            }
        }

        return line;
    }
}
