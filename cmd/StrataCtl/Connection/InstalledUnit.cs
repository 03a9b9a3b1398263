namespace Strata.StrataCtl.Connection;

/// <summary>The unit that a package brings, by which the service manager runs the machine's own node.</summary>
internal static class InstalledUnit
{
    /// <summary>How the node is started where the unit is.</summary>
    public const string Start = "systemctl start strata";

    /// <summary>How to see why it does not run.</summary>
    public const string Log = "journalctl -u strata";

    private static readonly string[] Places = ["etc/systemd/system", "usr/lib/systemd/system", "lib/systemd/system"];

    /// <summary>Whether it is installed.</summary>
    /// <param name="root">The root of the file system, <c>/</c>.</param>
    public static bool IsThere(string root) => Places.Any(place => File.Exists(Path.Join(root, place, "strata.service")));
}
