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

    private readonly ArrayBufferWriter<byte> _bytes = new(4096);
    private bool _overflowed;
    private byte _last;

    /// <summary>Takes the next bytes. Beyond a bound only their end is noticed.</summary>
    internal void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        var room = ExecLimits.MaxReportBytes - _bytes.WrittenCount;
        _overflowed |= bytes.Length > room;
        _bytes.Write(bytes[..Math.Min(bytes.Length, room)]);
        _last = bytes[^1];
    }

    /// <summary>The report of a command, once it is whole; what came before it is forgotten.</summary>
    internal ShellStatus? TryTake(long number)
    {
        var found = TryRead(_bytes.WrittenSpan, number, _overflowed && _last == 0);
        if (found is not null)
        {
            Clear();
        }

        return found;
    }

    /// <summary>Forgets what came so far.</summary>
    internal void Clear()
    {
        _bytes.Clear();
        (_overflowed, _last) = (false, 1);
    }

    /// <summary>Looks for a report.</summary>
    /// <param name="bytes">What came.</param>
    /// <param name="number">The command's number.</param>
    /// <param name="isCut">Whether more came than is kept, and has ended: then the variables are not known.</param>
    internal static ShellStatus? TryRead(ReadOnlySpan<byte> bytes, long number, bool isCut = false)
    {
        Span<byte> mark = stackalloc byte[24];
        mark[0] = 0;
        mark[1] = (byte)'R';
        Utf8Formatter.TryFormat(number, mark[2..], out var digits);
        mark[digits + 2] = 0;
        mark = mark[..(digits + 3)];
        for (var at = bytes.IndexOf(mark); at >= 0; at = Next(bytes, at, mark))
        {
            if (ReadAt(bytes[(at + mark.Length)..], isCut) is { } status)
            {
                return status;
            }
        }

        return null;
    }

    private static int Next(ReadOnlySpan<byte> bytes, int at, ReadOnlySpan<byte> mark)
    {
        var further = bytes[(at + 1)..].IndexOf(mark);
        return further < 0 ? -1 : at + 1 + further;
    }

    private static ShellStatus? ReadAt(ReadOnlySpan<byte> rest, bool isCut)
    {
        if (!TakeText(ref rest, out var code) || !Utf8Parser.TryParse(code, out byte status, out var used) || used != code.Length || !TakeText(ref rest, out var directory))
        {
            return null;
        }

        if (!TakeText(ref rest, out var variables))
        {
            return isCut ? new ShellStatus(status, DirectoryOf(directory), null) : null;
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

    /// <summary>Only what can be a directory at all.</summary>
    private static string? DirectoryOf(ReadOnlySpan<byte> text) =>
        text.Length is > 0 and <= 4096 && text[0] == '/' && System.Text.Unicode.Utf8.IsValid(text) ? Encoding.UTF8.GetString(text) : null;
}
