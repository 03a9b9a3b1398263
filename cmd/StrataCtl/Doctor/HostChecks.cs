namespace Strata.StrataCtl.Doctor;

/// <summary>The libraries and the clock that the node depends on.</summary>
internal static class HostChecks
{
    private static readonly DateTimeOffset Earliest = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Latest = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1);

    public static Finding Sodium((string Place, string Version)? library) => library is var (place, version)
        ? Finding.Ok("libsodium", $"{place}, {version}")
        : Finding.Fail("libsodium", "not found: no token can be signed or verified", "apt-get install libsodium23");

    /// <summary>Filters of system calls are written with it.</summary>
    /// <param name="version">Its version; null when it is not there.</param>
    /// <param name="programDirectory">Where it may lie beside the program.</param>
    public static Finding Seccomp(string? version, string programDirectory)
    {
        const string check = "libseccomp", name = "libseccomp.so.2";
        var beside = Path.Combine(programDirectory, name);
        return version is null
            ? Finding.Warn(check, "not found: services run without filters of system calls", "apt-get install libseccomp2")
            : Finding.Ok(check, $"{(File.Exists(beside) ? beside : name)}, {version}");
    }

    /// <summary>A clock that stands wrong makes every token expired, or not yet valid.</summary>
    /// <param name="now">What the clock says.</param>
    /// <param name="lastWritten">When the runtime directory last changed, as far as known.</param>
    public static Finding Clock(DateTimeOffset now, DateTimeOffset? lastWritten)
    {
        const string fix = "set the clock, and run a time service (chrony, systemd-timesyncd)";
        var said = $"{now:yyyy-MM-ddTHH:mm:ssZ}";
        if (now < Earliest || now > Latest)
        {
            return Finding.Fail("clock", $"says {said}", fix);
        }

        return lastWritten is { } written && written > now + Tolerance
            ? Finding.Warn("clock", $"says {said}, but the runtime dir was written at {written:yyyy-MM-ddTHH:mm:ssZ}: it was set back", fix)
            : Finding.Ok("clock", said);
    }
}
