using System.Globalization;
using System.Text;

namespace Strata.Linux;

/// <summary>What /proc/PID/stat says of a process.</summary>
/// <param name="IsZombie">Whether it has ended and waits to be reaped.</param>
/// <param name="Group">Its process group.</param>
/// <param name="Session">Its session; a session leader's own pid for good.</param>
/// <param name="StartTicks">When it started, in clock ticks since boot.</param>
/// <param name="WaitStatus">How it ended, as wait(2) tells it; 0 while it runs and for whoever may not look.</param>
/// <param name="Parent">Its parent.</param>
public readonly record struct ProcessStat(bool IsZombie, int Group, int Session, ulong StartTicks, int WaitStatus, int Parent = 0)
{
    private const int LastField = 49;

    /// <summary>Looks.</summary>
    /// <returns>Null when there is no such process.</returns>
    public static ProcessStat? Of(int pid)
    {
        try
        {
            return Parse(File.ReadAllBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat")));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // It ended before or while we looked.
        }
    }

    /// <summary>The second field is the program's name in parentheses and may itself hold spaces and parentheses: count from the last one.</summary>
    internal static ProcessStat? Parse(ReadOnlySpan<byte> stat)
    {
        string[] fields = Encoding.ASCII.GetString(stat[(stat.LastIndexOf((byte)')') + 1)..]).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > LastField && int.TryParse(fields[1], CultureInfo.InvariantCulture, out int parent)
            && int.TryParse(fields[2], CultureInfo.InvariantCulture, out int group) && int.TryParse(fields[3], CultureInfo.InvariantCulture, out int session)
            && ulong.TryParse(fields[19], NumberStyles.None, CultureInfo.InvariantCulture, out ulong start)
            && int.TryParse(fields[LastField], CultureInfo.InvariantCulture, out int status)
                ? new ProcessStat(fields[0] is "Z" or "X", group, session, start, status, parent)
                : null;
    }
}
