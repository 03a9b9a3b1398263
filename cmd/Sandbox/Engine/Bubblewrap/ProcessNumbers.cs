using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Strata.Sandbox;

/// <summary>The numbers that the kernel gives to processes and threads.</summary>
internal static class ProcessNumbers
{
    // Open for good: every command asks.
    private static readonly SafeFileHandle Load = File.OpenHandle("/proc/loadavg");

    /// <summary>The number given last: while it stays the same, nobody was born in the namespace of the service, nor in any sandbox.</summary>
    internal static int Last()
    {
        Span<byte> buffer = stackalloc byte[128];
        ReadOnlySpan<byte> text = buffer[..RandomAccess.Read(Load, buffer, 0)].TrimEnd((byte)'\n');
        return int.Parse(text[(text.LastIndexOf((byte)' ') + 1)..], CultureInfo.InvariantCulture);
    }
}
