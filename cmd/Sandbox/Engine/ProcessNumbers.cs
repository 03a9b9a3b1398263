using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Strata.Sandbox;

/// <summary>The numbers that the kernel gives to processes and threads.</summary>
internal static class ProcessNumbers
{
    /// <summary>The most processes that are looked at, and entries of /proc that are none.</summary>
    internal const int MaxProcesses = 65_536;

    // Open for good: every command asks.
    private static readonly SafeFileHandle Load = File.OpenHandle("/proc/loadavg");

    /// <summary>Those of the processes that live.</summary>
    internal static IEnumerable<int> Living() => In(Directory.EnumerateDirectories("/proc").Take(MaxProcesses));

    /// <summary>Those of a process's threads; its directory is gone when it has ended.</summary>
    internal static IEnumerable<int> ThreadsOf(int pid) => In(Directory.EnumerateDirectories(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/task")));

    /// <summary>The number given last: while it stays the same, nobody was born in the namespace of the service, nor in any sandbox.</summary>
    internal static int Last()
    {
        Span<byte> buffer = stackalloc byte[128];
        ReadOnlySpan<byte> text = buffer[..RandomAccess.Read(Load, buffer, 0)].TrimEnd((byte)'\n');
        return int.Parse(text[(text.LastIndexOf((byte)' ') + 1)..], CultureInfo.InvariantCulture);
    }

    private static IEnumerable<int> In(IEnumerable<string> directories) => directories
        .Select(path => int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0).Where(number => number > 0);
}
