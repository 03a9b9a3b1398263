using System.Globalization;
using Strata.StrataCtl.Connection;

namespace Strata.StrataCtl.Doctor;

/// <summary>The runtime directory and the state directory.</summary>
internal static class DirectoryChecks
{
    /// <summary>The longest path of a Unix socket, in bytes, its end marker not counted.</summary>
    public const int MaxSocketPathBytes = 107;

    public const string StateDirectoryVariable = "STRATA_STATE_DIR";

    private const string DefaultStateDirectory = "/var/lib/strata";
    private const string LongestSocketName = "supervisor.sock";
    private const UnixFileMode WritableByOthers = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
    private const UnixFileMode AnyOther =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    public static IEnumerable<Finding> Runtime(string path)
    {
        const string check = "runtime dir";
        if (!Directory.Exists(path))
        {
            yield return Finding.Fail(check, $"{path} does not exist", $"start the node, or name another directory: --runtime-dir DIR or {SocketResolver.RuntimeDirectoryVariable}");
            yield break;
        }

        var mode = File.GetUnixFileMode(path);
        if ((mode & WritableByOthers) != 0 && (mode & UnixFileMode.StickyBit) == 0)
        {
            yield return Finding.Fail(check, $"{path} has mode {Octal(mode)}: others can replace its sockets", $"chmod go-w {ShellQuote.Of(path)}");
        }
        else
        {
            yield return Owned(check, path, $"{path}, mode {Octal(mode)}");
        }

        var bytes = System.Text.Encoding.UTF8.GetByteCount(Path.Join(path, LongestSocketName));
        if (bytes > MaxSocketPathBytes)
        {
            yield return Finding.Fail(check, $"the paths of its sockets have up to {bytes} bytes; {MaxSocketPathBytes} are possible", "use a shorter directory");
        }
    }

    /// <summary>Where the node keeps its state, by the same rule as the node's.</summary>
    public static string StatePath(Surroundings around, string runtimeDirectory, bool runtimeIsDefault) =>
        around.NonEmpty(StateDirectoryVariable) ?? (runtimeIsDefault ? DefaultStateDirectory : Path.Join(runtimeDirectory, "state"));

    public static Finding State(string path)
    {
        const string check = "state dir";
        if (!Directory.Exists(path))
        {
            return Finding.Warn(check, $"{path} does not exist, or may not be seen by this user", $"it is made by the first start; when the node keeps its state elsewhere, set {StateDirectoryVariable}");
        }

        var mode = File.GetUnixFileMode(path);
        return (mode & AnyOther) != 0
            ? Finding.Fail(check, $"{path} has mode {Octal(mode)}: it holds the signing key and must be 0700", $"chmod 700 {ShellQuote.Of(path)}")
            : Owned(check, path, $"{path}, mode {Octal(mode)}");
    }

    private static Finding Owned(string check, string path, string detail)
    {
        var (owner, self) = (HostCalls.OwnerOf(path), HostCalls.EffectiveUid);
        return owner is { } uid && uid != 0 && uid != self
            ? Finding.Warn(check, $"{detail}, owned by uid {uid}", "this user is not the node's: issuing and starting need a capability")
            : Finding.Ok(check, $"{detail}, owned by uid {owner?.ToString(CultureInfo.InvariantCulture) ?? "unknown"}");
    }

    private static string Octal(UnixFileMode mode) => "0" + Convert.ToString((int)mode, 8);
}
