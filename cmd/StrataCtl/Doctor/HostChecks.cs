namespace Strata.StrataCtl.Doctor;

/// <summary>The library and the clock that tokens depend on.</summary>
internal static class HostChecks
{
    /// <summary>The names that the node itself tries.</summary>
    public static readonly string[] SodiumNames = ["libsodium.so.23", "libsodium.so.26", "libsodium.so"];

    private static readonly DateTimeOffset Earliest = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Latest = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1);

    public static Finding Sodium(string? version) => version is not null
        ? Finding.Ok("libsodium", version)
        : Finding.Fail("libsodium", "not found: no token can be signed or verified", "apt-get install libsodium23");

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
