using System.Buffers;
using System.Globalization;
using System.Text;

namespace Strata.Sandbox;

/// <summary>The head of an HTTP/1 request, read strictly: what two programs could read differently is refused. Pure.</summary>
/// <param name="Method">The method.</param>
/// <param name="Target">What stands behind it.</param>
/// <param name="Version"><c>HTTP/1.1</c> or <c>HTTP/1.0</c>.</param>
/// <param name="Fields">Names and values in order, bytes as Latin-1 characters.</param>
internal sealed record HttpHead(string Method, string Target, string Version, IReadOnlyList<KeyValuePair<string, string>> Fields)
{
    /// <summary>Most bytes of a head.</summary>
    internal const int MaxBytes = 32 * 1024;

    /// <summary>Most fields of a head.</summary>
    internal const int MaxFields = 128;

    /// <summary>The first status of answers that another one follows.</summary>
    internal const int FirstInformational = 100;

    /// <summary>The first status of answers that none follows.</summary>
    internal const int FirstFinal = 200;

    /// <summary>The status by which a server agrees to speak something else from here on.</summary>
    internal const int SwitchingProtocols = 101;

    private static readonly SearchValues<char> TokenChars = SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>The length of a whole head at the beginning, its empty line included; null while it is not whole.</summary>
    internal static int? LengthIn(ReadOnlySpan<byte> bytes) => bytes.IndexOf("\r\n\r\n"u8) is >= 0 and var end ? end + 4 : null;

    /// <summary>The status of an answer whose whole head this is.</summary>
    /// <exception cref="NetworkFault">It has none.</exception>
    internal static int StatusOf(ReadOnlySpan<byte> head) =>
        head.StartsWith("HTTP/1."u8) && head is [_, _, _, _, _, _, _, _, (byte)' ', .. var rest] && int.TryParse(rest[..Math.Min(3, rest.Length)], NumberStyles.None, CultureInfo.InvariantCulture, out var status)
            ? status
            : throw Destination.Malformed("an answer must begin with HTTP/1.1 STATUS");

    /// <summary>Waits for a whole head and reads it.</summary>
    /// <returns>Null when the client left before it began.</returns>
    /// <exception cref="NetworkFault">It is none.</exception>
    internal static ValueTask<HttpHead?> ReadAsync(ProxyInput input, CancellationToken cancellation) =>
        input.ReadAsync<HttpHead>(waiting => LengthIn(waiting.Span) is { } length ? (length, Parse(waiting.Span[..length])) : null, cancellation);

    /// <summary>Reads a whole head.</summary>
    /// <exception cref="NetworkFault">It is none.</exception>
    internal static HttpHead Parse(ReadOnlySpan<byte> head)
    {
        // Whatever ends a line other than CR and LF together ends it for some and not for others.
        var lines = Encoding.Latin1.GetString(head[..^4]).Split("\r\n");
        if (Array.Exists(lines, line => line.AsSpan().ContainsAny('\r', '\n', '\0')))
        {
            throw Destination.Malformed("lines of a request must end in CR LF and hold neither of them, nor a NUL");
        }

        var parts = lines[0].Split(' ');
        if (parts.Length != 3 || !IsToken(parts[0]) || parts[1].Length == 0 || parts[1].AsSpan().ContainsAnyExceptInRange('!', '~') || parts[2] is not ("HTTP/1.1" or "HTTP/1.0"))
        {
            throw Destination.Malformed("a request must begin with METHOD TARGET HTTP/1.1");
        }

        return lines.Length - 1 > MaxFields
            ? throw Destination.Malformed(string.Create(CultureInfo.InvariantCulture, $"a request must have at most {MaxFields} fields"))
            : new HttpHead(parts[0], parts[1], parts[2], [.. lines.Skip(1).Select(ParseField)]);
    }

    /// <summary>All values of a field.</summary>
    internal IEnumerable<string> Values(string name) => Fields.Where(field => field.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(field => field.Value);

    private static KeyValuePair<string, string> ParseField(string line)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        // No room for folded lines and names that end in blanks either.
        return colon > 0 && IsToken(line[..colon])
            ? new(line[..colon], line[(colon + 1)..].Trim(' ', '\t'))
            : throw Destination.Malformed("a field of a request must be NAME: VALUE on one line");
    }

    private static bool IsToken(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExcept(TokenChars);
}
