using System.Runtime.InteropServices;
using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>Unpacks Zstandard frames (RFC 8878), one behind the other, by libzstd. Memory is bounded by the window that is allowed, whatever a frame says. For one thread at a time.</summary>
public sealed unsafe class ZstandardDecoder : IDisposable
{
    private static readonly Lazy<bool> Available = new(IsThere);

    private nint _context;

    /// <summary>Begins.</summary>
    /// <param name="maxWindowLog">The largest window that is taken, as a power of two: 10 to 30. A frame with a larger one is damaged.</param>
    /// <exception cref="DllNotFoundException">libzstd is not installed.</exception>
    public ZstandardDecoder(int maxWindowLog)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxWindowLog, 10);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxWindowLog, 30);
        _context = Libzstd.ZSTD_createDCtx();
        if (_context == 0)
        {
            throw new InsufficientMemoryException("libzstd has no memory for a decoder");
        }

        if (Libzstd.ZSTD_isError(Libzstd.ZSTD_DCtx_setParameter(_context, Libzstd.MaxWindowLog, maxWindowLog)) != 0)
        {
            Dispose();
            throw new InvalidOperationException("libzstd takes no bound of its window");
        }
    }

    /// <summary>Whether libzstd is installed.</summary>
    public static bool IsAvailable => Available.Value;

    /// <summary>Whether what was taken so far ends with a frame, or is nothing.</summary>
    public bool IsAtEnd { get; private set; } = true;

    /// <summary>Unpacks as much as there is and as fits.</summary>
    /// <param name="packed">What comes next.</param>
    /// <param name="unpacked">Where it goes.</param>
    /// <param name="taken">How many packed bytes were used.</param>
    /// <returns>How many bytes were made; less than fit when all of <paramref name="packed"/> was used, or a frame ended.</returns>
    /// <exception cref="InvalidDataException">It is damaged, or wants a larger window.</exception>
    public int Decode(ReadOnlySpan<byte> packed, Span<byte> unpacked, out int taken)
    {
        ObjectDisposedException.ThrowIf(_context == 0, this);
        fixed (byte* source = packed, target = unpacked)
        {
            // Both spans stay where they are for the call; the library keeps neither.
            var input = new Libzstd.Buffer { Bytes = source, Size = (nuint)packed.Length };
            var output = new Libzstd.Buffer { Bytes = target, Size = (nuint)unpacked.Length };
            nuint result = Libzstd.ZSTD_decompressStream(_context, &output, &input);
            if (Libzstd.ZSTD_isError(result) != 0)
            {
                throw new InvalidDataException(Marshal.PtrToStringUTF8((nint)Libzstd.ZSTD_getErrorName(result)));
            }

            taken = (int)input.Position;
            IsAtEnd = result == 0 || (IsAtEnd && taken == 0);
            return (int)output.Position;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_context != 0)
        {
            _ = Libzstd.ZSTD_freeDCtx(_context);
            _context = 0;
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what nobody disposed.</summary>
    ~ZstandardDecoder() => Dispose();

    private static bool IsThere()
    {
        try
        {
            return Libzstd.ZSTD_versionNumber() > 0;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            return false;
        }
    }
}
