using System.Globalization;
using System.Text;

namespace Strata.Linux;

/// <summary>When a process started; together with its pid it names one process of this boot, even across pid reuse.</summary>
public static class ProcessStartTime
{
    /// <summary>Reads field 22 of /proc/PID/stat.</summary>
    /// <param name="pid">A process id.</param>
    /// <param name="ticks">Clock ticks since boot (normally 100 a second) when the result is true.</param>
    /// <returns>False when there is no such process.</returns>
    public static bool TryRead(int pid, out ulong ticks)
    {
        ticks = 0;
        try
        {
            return TryParse(File.ReadAllBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat")), out ticks);
        }
        catch (IOException)
        {
            return false; // The process ended before or while we looked.
        }
    }

    /// <summary>The second field is the program's name in parentheses and may itself hold spaces and parentheses: count from the last one.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> stat, out ulong ticks)
    {
        ticks = 0;
        string[] fields = Encoding.ASCII.GetString(stat[(stat.LastIndexOf((byte)')') + 1)..]).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > 19 && ulong.TryParse(fields[19], NumberStyles.None, CultureInfo.InvariantCulture, out ticks);
    }
}
