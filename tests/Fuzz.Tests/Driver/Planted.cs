using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Strata.Policy;
using static Strata.Fuzz.Tests.BrokenInvariantException;

namespace Strata.Fuzz.Tests;

/// <summary>Targets with a fault in them, to prove the driver by.</summary>
internal static class Planted
{
    /// <summary>Reads past its end behind a word and a length that lies: what no blind change of bytes comes by, and working one's way in does.</summary>
    internal sealed class LyingLength : FuzzTarget
    {
        internal override string Name => "planted";

        internal override int MaxBytes => 64;

        internal override IReadOnlyList<byte[]> Tokens { get; } = Texts("a");

        internal override IEnumerable<byte[]> Seeds => Texts("hello, world");

        internal override Outcome Execute(ReadOnlySpan<byte> input)
        {
            var matching = input.CommonPrefixLength("KEY"u8);
            if (matching == 3 && input.Length >= 7)
            {
                var length = BinaryPrimitives.ReadInt32BigEndian(input[3..]);
                return length is < 0 or > 1 << 20 ? new Outcome(false, "length") : new Outcome(true, null, input.Slice(7, length).Length);
            }

            return new Outcome(false, null, matching);
        }
    }

    /// <summary>Takes a path to lie beneath a prefix when its text begins so: <c>/srv/database</c> beneath <c>/srv/data</c>.</summary>
    internal sealed class PrefixByText : FuzzTarget
    {
        internal override string Name => "path";

        internal override IReadOnlyList<byte[]> Tokens { get; } = new PathTarget().Tokens;

        internal override Outcome Execute(ReadOnlySpan<byte> input)
        {
            if (Encoding.UTF8.GetString(input).Split('\n') is not [var text, var path, ..] || !PathPrefix.TryParse(text, out var prefix, out _) || path.Contains("..", StringComparison.Ordinal) || !path.StartsWith('/'))
            {
                return new Outcome(false, null);
            }

            Unless(!path.StartsWith(prefix.Value, StringComparison.Ordinal) || PlainPath.Resolve(text, path) is not null, "outside of the prefix");
            return new Outcome(true, null);
        }
    }

    /// <summary>Reads a rate by the platform's parser alone, which forgives NULs behind the digits.</summary>
    internal sealed class ForgivenNul : FuzzTarget
    {
        internal override string Name => "planted";

        internal override int MaxBytes => 32;

        internal override IReadOnlyList<byte[]> Tokens { get; } = Texts("rps", "1");

        internal override IEnumerable<byte[]> Seeds => Texts("50rps", "1rps");

        internal override Outcome Execute(ReadOnlySpan<byte> input)
        {
            var text = Encoding.UTF8.GetString(input);
            if (!text.EndsWith("rps", StringComparison.Ordinal) || !int.TryParse(text[..^3], NumberStyles.None, CultureInfo.InvariantCulture, out _))
            {
                return new Outcome(false, null);
            }

            Unless(text[..^3].All(char.IsAsciiDigit), "a second spelling");
            return new Outcome(true, null);
        }
    }
}
