using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Strata.Sandbox;

/// <summary>What a session's shell says after a command. Pure: bytes in, a report or nothing out, whatever the bytes are.</summary>
/// <remarks>
/// A report is five texts, each with a NUL after it: <c>R</c> and the command's number, its status, the shell's directory, and its exported variables in
/// the shell's own words, with a NUL before it all. No variable or directory holds a NUL. Whatever else comes that way, such as what a trap of the user
/// prints, is passed over.
/// </remarks>
internal sealed class ShellReport
{
    /// <summary>The number that a shell gives when it ends by itself.</summary>
    internal const long OfExit = 0;

    /// <summary>What stays of bytes that are too many: more than a report without its variables has.</summary>
    private const int KeptBytes = 8 * 1024;

    private readonly ArrayBufferWriter<byte> _bytes = new(4096);

    /// <summary>Takes the next bytes. Beyond a bound the oldest are forgotten.</summary>
    internal void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > ExecLimits.MaxReportBytes - _bytes.WrittenCount)
        {
            var kept = _bytes.WrittenSpan[^Math.Min(KeptBytes, _bytes.WrittenCount)..].ToArray();
            _bytes.Clear();
            _bytes.Write(kept);
        }

        _bytes.Write(bytes);
    }

    /// <summary>A command's report without its variables, which come last and may be many; null until it is there.</summary>
    internal ShellStatus? Look(long number) => TryRead(_bytes.WrittenSpan, number, whole: false);

    /// <summary>The report of a command, once it is whole; what came before it is forgotten.</summary>
    internal ShellStatus? TryTake(long number)
    {
        var found = TryRead(_bytes.WrittenSpan, number, whole: true, out var left);
        if (found is not null)
        {
            // With the last NUL: where an interrupt cut it short, that is the first of what follows.
            var rest = _bytes.WrittenSpan[^(left + 1)..].ToArray();
            _bytes.Clear();
            _bytes.Write(rest);
        }

        return found;
    }

    /// <summary>Looks for a report.</summary>
    /// <param name="bytes">What came.</param>
    /// <param name="number">The command's number.</param>
    /// <param name="whole">Whether its variables must be there.</param>
    internal static ShellStatus? TryRead(ReadOnlySpan<byte> bytes, long number, bool whole = true) => TryRead(bytes, number, whole, out _);

    private static ShellStatus? TryRead(ReadOnlySpan<byte> bytes, long number, bool whole, out int left)
    {
        Span<byte> mark = stackalloc byte[24];
        mark[0] = 0;
        mark[1] = (byte)'R';
        Utf8Formatter.TryFormat(number, mark[2..], out var digits);
        mark[digits + 2] = 0;
        mark = mark[..(digits + 3)];
        for (var at = bytes.IndexOf(mark); at >= 0; at = Next(bytes, at, mark))
        {
            var rest = bytes[(at + mark.Length)..];
            if (ReadAt(ref rest, whole) is { } status)
            {
                left = rest.Length;
                return status;
            }
        }

        left = bytes.Length;
        return null;
    }

    private static int Next(ReadOnlySpan<byte> bytes, int at, ReadOnlySpan<byte> mark)
    {
        var further = bytes[(at + 1)..].IndexOf(mark);
        return further < 0 ? -1 : at + 1 + further;
    }

    private static ShellStatus? ReadAt(ref ReadOnlySpan<byte> rest, bool whole)
    {
        if (!TakeText(ref rest, out var code) || !Utf8Parser.TryParse(code, out byte status, out var used) || used != code.Length || !TakeText(ref rest, out var directory))
        {
            return null;
        }

        if (IsMark(directory) || (directory.IsEmpty && rest.StartsWith("R"u8)))
        {
            return null; // An interrupt cut it short: this is the next one.
        }

        if (!whole)
        {
            return new ShellStatus(status, DirectoryOf(directory), null);
        }

        var following = rest;
        if (!TakeText(ref rest, out var variables))
        {
            return null;
        }

        if (IsMark(variables))
        {
            rest = following; // Cut short as well.
            variables = default;
        }

        // A trap of the user may print before them.
        var start = variables.IndexOf("declare -"u8);
        return new ShellStatus(status, DirectoryOf(directory), start < 0 ? [] : variables[start..].ToArray());
    }

    private static bool TakeText(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> text)
    {
        var end = rest.IndexOf((byte)0);
        text = end < 0 ? default : rest[..end];
        rest = end < 0 ? rest : rest[(end + 1)..];
        return end >= 0;
    }

    private static bool IsMark(ReadOnlySpan<byte> text) => text.Length > 1 && text[0] == 'R' && !text[1..].ContainsAnyExceptInRange((byte)'0', (byte)'9');

    /// <summary>Only what can be a directory at all.</summary>
    private static string? DirectoryOf(ReadOnlySpan<byte> text) =>
        text.Length is > 0 and <= 4096 && text[0] == '/' && System.Text.Unicode.Utf8.IsValid(text) ? Encoding.UTF8.GetString(text) : null;
}
