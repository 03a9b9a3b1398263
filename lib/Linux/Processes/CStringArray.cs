using System.Runtime.InteropServices;
using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>A NULL-terminated array of C strings in native memory, as argv and envp are.</summary>
internal sealed unsafe class CStringArray : IDisposable
{
    private readonly int _count;

    internal CStringArray(IReadOnlyList<string> texts)
    {
        byte[][] encoded = [.. texts.Select(Libc.CString)];
        _count = encoded.Length;
        Pointer = (byte**)NativeMemory.AllocZeroed((nuint)(_count + 1), (nuint)sizeof(byte*));
        for (int i = 0; i < _count; i++)
        {
            Pointer[i] = (byte*)NativeMemory.Alloc((nuint)encoded[i].Length);
            encoded[i].CopyTo(new Span<byte>(Pointer[i], encoded[i].Length));
        }
    }

    internal byte** Pointer { get; private set; }

    public void Dispose()
    {
        for (int i = 0; Pointer != null && i < _count; i++)
        {
            NativeMemory.Free(Pointer[i]);
        }

        NativeMemory.Free(Pointer);
        Pointer = null;
    }
}
