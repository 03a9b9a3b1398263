using System.Globalization;

namespace Strata.Sandbox;

/// <summary>The clock that the kernel notes the begin of processes by.</summary>
internal static class BootClock
{
    /// <summary>Its grain, the same on every machine that .NET runs on.</summary>
    internal const int TicksPerSecond = 100;

    /// <summary>Ticks since the machine started.</summary>
    internal static ulong Ticks()
    {
        var text = File.ReadAllText("/proc/uptime");
        return (ulong)(double.Parse(text.AsSpan(0, text.IndexOf(' ', StringComparison.Ordinal)), NumberStyles.Float, CultureInfo.InvariantCulture) * TicksPerSecond);
    }
}
