using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>
/// A terminal whose keys all go to whoever reads it, unechoed and unchanged, as a program wants that shows another terminal. Disposal gives it back its
/// settings, from any thread and as often as wanted.
/// </summary>
public sealed unsafe class RawTerminal : IDisposable
{
    private const nuint GetSettings = 0x5401; // TCGETS
    private const nuint SetSettings = 0x5403; // TCSETSW: once what was written is shown
    private const nuint GetSize = 0x5413; // TIOCGWINSZ
    private const int SettingsBytes = 64; // The kernel's struct has 36.
    private const int InputFlags = 0;
    private const int OutputFlags = 4;
    private const int LocalFlags = 12;
    private const int Minimum = 17 + 6; // c_cc[VMIN]; VTIME stands before it
    private const uint Input = 0x1 | 0x2 | 0x8 | 0x20 | 0x40 | 0x80 | 0x100 | 0x400; // IGNBRK BRKINT PARMRK ISTRIP INLCR IGNCR ICRNL IXON
    private const uint Output = 0x1; // OPOST
    private const uint Local = 0x8 | 0x40 | 0x2 | 0x1 | 0x8000; // ECHO ECHONL ICANON ISIG IEXTEN

    private readonly int _descriptor;
    private readonly byte[] _before;

    private RawTerminal(int descriptor, byte[] before) => (_descriptor, _before) = (descriptor, before);

    /// <summary>Takes a terminal; null when the descriptor is none.</summary>
    /// <param name="descriptor">Stays open until disposal.</param>
    public static RawTerminal? TryTake(int descriptor)
    {
        byte[] before = new byte[SettingsBytes];
        fixed (byte* settings = before)
        {
            if (Libc.Result(Libc.ioctl(descriptor, GetSettings, (nint)settings)) < 0)
            {
                return null;
            }
        }

        byte[] raw = [.. before];
        Clear(raw.AsSpan(InputFlags), Input);
        Clear(raw.AsSpan(OutputFlags), Output);
        Clear(raw.AsSpan(LocalFlags), Local);
        (raw[Minimum - 1], raw[Minimum]) = (0, 1);
        return Set(descriptor, raw) < 0 ? null : new RawTerminal(descriptor, before);
    }

    /// <summary>The size of a terminal; null when the descriptor is none, or has none.</summary>
    /// <param name="descriptor">An open descriptor.</param>
    public static (int Rows, int Columns)? SizeOf(int descriptor)
    {
        ushort* size = stackalloc ushort[4];
        return Libc.Result(Libc.ioctl(descriptor, GetSize, (nint)size)) >= 0 && size[0] > 0 && size[1] > 0 ? (size[0], size[1]) : null;
    }

    /// <summary>Gives it back its settings.</summary>
    public void Dispose() => _ = Set(_descriptor, _before);

    private static int Set(int descriptor, byte[] wanted)
    {
        fixed (byte* settings = wanted)
        {
            return Libc.Result(Libc.ioctl(descriptor, SetSettings, (nint)settings));
        }
    }

    private static void Clear(Span<byte> flags, uint bits)
    {
        uint value = BitConverter.ToUInt32(flags) & ~bits;
        BitConverter.TryWriteBytes(flags, value);
    }
}
