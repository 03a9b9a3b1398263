namespace Strata.Linux;

/// <summary>Tells one boot of the machine from every other: a pid with its start time names a process only within one boot.</summary>
public static class BootId
{
    /// <summary>The present boot's, 36 characters.</summary>
    /// <exception cref="IOException">/proc is not mounted.</exception>
    public static string Read() => File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
}
