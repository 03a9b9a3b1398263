using System.Globalization;
using System.Text;

namespace Strata.Sandbox;

/// <summary>The line before each chunk of a body. Pure.</summary>
internal static class ChunkLine
{
    /// <summary>Most bytes of a line, its end not counted; what stands behind the size is not passed on.</summary>
    internal const int MaxBytes = 256;

    private const int MaxDigits = 15;

    /// <summary>The size of the chunk.</summary>
    /// <exception cref="NetworkFault">It is none.</exception>
    internal static long Parse(ReadOnlySpan<byte> line)
    {
        var semicolon = line.IndexOf((byte)';');
        var digits = Encoding.Latin1.GetString(semicolon < 0 ? line : line[..semicolon].TrimEnd(" \t"u8));
        // The platform's reader forgives a NUL behind a number.
        return digits.Length is > 0 and <= MaxDigits && digits.All(char.IsAsciiHexDigit) && !line.ContainsAny((byte)'\r', (byte)'\n')
            && long.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var size)
            ? size
            : throw Destination.Malformed("a chunk of a body must begin with its size in hexadecimal digits");
    }
}
