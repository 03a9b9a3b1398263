using System.Runtime.InteropServices;
using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>
/// System calls, one after the other, that a process makes between its start and its program, with all texts they need. The process is none of
/// ours in memory: see <see cref="ScriptCode"/>. A call whose result is out of its bounds ends the process and is reported.
/// </summary>
public sealed partial class CallScript
{
    /// <summary>The most calls.</summary>
    public const int MaxCalls = 1024;

    /// <summary>The most bytes of texts: arguments, environment, paths.</summary>
    public const int MaxDataBytes = ScriptCode.ScriptBytes - DataOffset;

    /// <summary>The number under which the process has the first of the descriptors it is given, and so on.</summary>
    public const int FirstDescriptor = 5;

    private const int EntryBytes = 64;
    private const int DataOffset = MaxCalls * EntryBytes;
    private const int RoomBytes = 64;
    private const long Room = ScriptCode.ScriptAt + DataOffset;

    private readonly List<string> _names = [];
    private readonly List<long> _entries = [];
    private readonly List<byte> _data = [.. new byte[RoomBytes]];

    /// <summary>How many calls it has.</summary>
    public int Count => _names.Count;

    /// <summary>The name of the call that was reported.</summary>
    internal string NameAt(long address) => _names[(int)((address - ScriptCode.ScriptAt) / EntryBytes)];

    /// <summary>The script as a file for the process to map.</summary>
    internal FileDescriptor ToFile()
    {
        var file = MemoryFile.Create("strata-script", 0);
        MemoryFile.Write(file, MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_entries)), 0);
        MemoryFile.Write(file, CollectionsMarshal.AsSpan(_data), DataOffset);
        return file;
    }

    private void Add(string name, long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0) => Add(name, number, (0, long.MaxValue), a, b, c, d, e);

    private void Add(string name, long number, (long Low, long High) result, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0)
    {
        if (_names.Count == MaxCalls)
        {
            throw new ArgumentException($"more than {MaxCalls} calls before a program; give it less.");
        }

        _names.Add(name);
        _entries.AddRange([number, a, b, c, d, e, result.Low, result.High]);
    }

    private long Text(string text) => Bytes(Libc.CString(text));

    private long Bytes(ReadOnlySpan<byte> bytes)
    {
        int at = (_data.Count + 7) & ~7;
        if (at + bytes.Length > MaxDataBytes)
        {
            throw new LinuxException(Errno.E2BIG, "execve", $"more than {MaxDataBytes} bytes of arguments, environment and paths");
        }

        CollectionsMarshal.SetCount(_data, at + bytes.Length);
        bytes.CopyTo(CollectionsMarshal.AsSpan(_data)[at..]);
        return Room + at;
    }

    private long Texts(IReadOnlyList<string> texts)
    {
        long[] pointers = new long[texts.Count + 1];
        for (int i = 0; i < texts.Count; i++)
        {
            pointers[i] = Text(texts[i]);
        }

        return Bytes(MemoryMarshal.AsBytes(pointers.AsSpan()));
    }
}
