using System.Text;

namespace Strata.Supervision;

/// <summary>Turns byte offsets of a file into the lines and columns that an editor shows.</summary>
internal sealed class LineIndex(ReadOnlyMemory<byte> content)
{
    /// <summary>Line and column of a byte, both from 1; the column counts characters, not bytes.</summary>
    internal (int Line, int Column) Of(int offset)
    {
        var before = content.Span[..Math.Min(offset, content.Length)];
        var lineStart = before.LastIndexOf((byte)'\n') + 1;
        var column = 1;
        for (var rest = before[lineStart..]; !rest.IsEmpty; column++)
        {
            // Bytes that are no UTF-8 count as one character each, as editors show them.
            _ = Rune.DecodeFromUtf8(rest, out _, out var length);
            rest = rest[length..];
        }

        return (before.Count((byte)'\n') + 1, column);
    }
}
