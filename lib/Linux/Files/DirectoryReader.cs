using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>Reads a directory of any size with bounded memory: one entry after another, from any cookie on. Not for several threads at once.</summary>
public sealed unsafe class DirectoryReader : IDisposable
{
    /// <summary>Size of the buffer the kernel fills; the memory a reader takes whatever the directory's size.</summary>
    public const int BufferBytes = 32 * 1024;

    // struct linux_dirent64: inode 8, cookie 8, record length 2, type 1, then the name with its NUL.
    private const int NameOffset = 19;

    private readonly FileDescriptor _directory;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
    private int _filled;
    private int _position;

    /// <summary>Takes over a directory opened for reading.</summary>
    /// <param name="directory">Owned by the reader from here on.</param>
    public DirectoryReader(FileDescriptor directory) => _directory = directory;

    /// <summary>Continues at a cookie.</summary>
    /// <param name="cookie">0 for the start, or <see cref="DirectoryEntry.NextCookie"/> of an earlier entry.</param>
    /// <returns>0, or a negated <see cref="Errno"/> (EINVAL for a cookie the file system cannot have given).</returns>
    public int TrySeek(long cookie)
    {
        _filled = _position = 0;
        return Libc.lseek(_directory.Number, cookie, Libc.SEEK_SET) < 0 ? -Marshal.GetLastPInvokeError() : 0;
    }

    /// <summary>Moves to the next entry; <c>.</c> and <c>..</c> are left out.</summary>
    /// <param name="entry">The entry when the result is 1.</param>
    /// <returns>1 for an entry, 0 at the end, or a negated <see cref="Errno"/>.</returns>
    public int TryNext(out DirectoryEntry entry)
    {
        entry = default;
        while (true)
        {
            if (_position >= _filled)
            {
                int result = Fill();
                if (result <= 0)
                {
                    return result;
                }
            }

            ReadOnlySpan<byte> record = _buffer.AsSpan(_position, _filled - _position);
            int length = MemoryMarshal.Read<ushort>(record[16..]);
            _position += length;
            ReadOnlySpan<byte> name = record[NameOffset..length];
            name = name[..name.IndexOf((byte)0)];
            if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
            {
                entry = new DirectoryEntry(name, (FileKind)record[18], MemoryMarshal.Read<ulong>(record), MemoryMarshal.Read<long>(record[8..]));
                return 1;
            }
        }
    }

    /// <summary>Closes the directory and gives the buffer back.</summary>
    public void Dispose()
    {
        byte[] buffer = Interlocked.Exchange(ref _buffer, []);
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            _filled = _position = 0;
        }

        _directory.Dispose();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int Fill()
    {
        _position = 0;
        _filled = 0;
        fixed (byte* start = _buffer)
        {
            int result = Libc.Result(Libc.getdents64(_directory.Number, start, (nuint)_buffer.Length));
            _filled = Math.Max(result, 0);
            return result;
        }
    }
}
