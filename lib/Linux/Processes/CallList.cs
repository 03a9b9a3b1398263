using System.Runtime.InteropServices;
using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>System calls for <see cref="ChildCode"/> to make, in native memory that the child shares until its exec.</summary>
internal sealed unsafe class CallList : IDisposable
{
    /// <summary>The most calls a list takes.</summary>
    internal const int MaxCalls = 256;

    private const int StackBytes = 4096;
    private const int ZeroBytes = 64;
    private const int Slot = 8;
    private const int HeaderBytes = 2 * Slot;
    private const int EntryBytes = 8 * Slot;

    private readonly List<string> _names = [];
    private byte* _room = (byte*)NativeMemory.AllocZeroed(HeaderBytes + (MaxCalls * EntryBytes) + StackBytes);

    /// <summary>Zeroes to point to, enough for a signal's action: the default one.</summary>
    internal nint Zeroes => Scratch;

    /// <summary>Room for one byte that is read.</summary>
    internal nint ReadRoom => Scratch + ZeroBytes;

    private nint Scratch => (nint)(_room + HeaderBytes + (MaxCalls * EntryBytes));

    /// <summary>Adds a call whose result must not be an error.</summary>
    internal void Add(string name, long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0) => Add(name, number, (0, long.MaxValue), a, b, c, d, e);

    /// <summary>Adds a call whose result must be one of a range.</summary>
    internal void Add(string name, long number, (long Low, long High) result, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0)
    {
        if (_names.Count == MaxCalls)
        {
            throw new ArgumentException($"more than {MaxCalls} steps of a spawn; pass fewer descriptors.");
        }

        long* entry = (long*)(_room + HeaderBytes + (_names.Count * EntryBytes));
        (entry[0], entry[1], entry[2], entry[3], entry[4], entry[5], entry[6], entry[7]) = (number, a, b, c, d, e, result.Low, result.High);
        _names.Add(name);
    }

    /// <summary>Makes the child. It shares our memory, not our descriptors, and starts with every signal blocked.</summary>
    /// <returns>The pid, or a negated <see cref="Errno"/>.</returns>
    internal int TryStart()
    {
        byte* all = stackalloc byte[Libc.SignalSetBytes];
        byte* before = stackalloc byte[Libc.SignalSetBytes];
        new Span<byte>(all, Libc.SignalSetBytes).Fill(byte.MaxValue);
        _ = Libc.pthread_sigmask(Libc.SIG_SETMASK, all, before);
        // The stack is only there because clone wants to put two words on it.
        int pid = Libc.Result(Libc.clone(ChildCode.Address, Scratch + StackBytes, Libc.CLONE_VM | Libc.SIGCHLD, (nint)_room));
        _ = Libc.pthread_sigmask(Libc.SIG_SETMASK, before, null);
        return pid;
    }

    /// <summary>The call that ended the child and its result; null when it came to its exec. Only once the child has let go of this memory.</summary>
    internal (string Name, int Result)? Failed
    {
        get
        {
            long* header = (long*)_room;
            return header[0] == 0 ? null : (_names[(int)((header[0] - (long)_room - HeaderBytes) / EntryBytes)], (int)header[1]);
        }
    }

    public void Dispose()
    {
        NativeMemory.Free(_room);
        _room = null;
    }
}
