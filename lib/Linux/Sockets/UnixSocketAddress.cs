using System.Runtime.CompilerServices;
using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>A path (or <c>@abstract</c> name) in the form the kernel takes, struct sockaddr_un.</summary>
public readonly struct UnixSocketAddress
{
    /// <summary>The longest path in bytes: sun_path holds 108 with the final NUL.</summary>
    public const int MaxPathBytes = 107;

    private readonly Storage _storage;

    private UnixSocketAddress(Storage storage, uint length) => (_storage, Length) = (storage, length);

    internal uint Length { get; }

    /// <summary>Checks and encodes a name.</summary>
    /// <param name="path">A path, or <c>@name</c> for Linux's abstract namespace.</param>
    /// <exception cref="ArgumentException">It is empty, holds a NUL, or is longer than <see cref="MaxPathBytes"/> bytes.</exception>
    public static UnixSocketAddress Of(string path)
    {
        byte[] name = Libc.CString(path);
        int nameBytes = name.Length - 1;
        if (nameBytes == 0)
        {
            throw new ArgumentException("The socket path is empty.", nameof(path));
        }

        if (nameBytes > MaxPathBytes)
        {
            throw new ArgumentException(
                $"The socket path '{path}' is {nameBytes} bytes long; a Unix socket path holds at most {MaxPathBytes}. Choose a shorter runtime directory.",
                nameof(path));
        }

        var storage = default(Storage);
        Span<byte> bytes = storage;
        BitConverter.TryWriteBytes(bytes, (ushort)Libc.AF_UNIX);
        name.CopyTo(bytes[2..]);
        bool isAbstract = path[0] == '@';
        if (isAbstract)
        {
            bytes[2] = 0;
        }

        // An abstract name is as long as the address says; a path ends at its NUL, which is counted.
        return new UnixSocketAddress(storage, (uint)(2 + (isAbstract ? nameBytes : nameBytes + 1)));
    }

    internal unsafe void CopyTo(byte* destination)
    {
        ReadOnlySpan<byte> bytes = _storage;
        bytes.CopyTo(new Span<byte>(destination, StorageBytes));
    }

    internal const int StorageBytes = 110;

    [InlineArray(StorageBytes)]
    private struct Storage
    {
#pragma warning disable IDE0044, IDE0051 // The inline array's element.
        private byte _first;
#pragma warning restore IDE0044, IDE0051
    }
}
