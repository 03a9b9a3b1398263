using System.Globalization;

namespace Strata.Bench;

/// <summary>What the same costs with runc, where that is installed and may run: a container of the host's programs, and a program in one that runs.</summary>
internal sealed class Runc : IDisposable
{
    private const string Program = "/usr/sbin/runc";
    private readonly string _live = string.Create(CultureInfo.InvariantCulture, $"strata-bench-{Environment.ProcessId}");
    private readonly string _once;
    private int _runs;

    private Runc(string directory)
    {
        _once = Bundle(directory, "once", "/bin/true");
        PlainSpawn.Run("/bin/sh", "-c", $"{Program} run -d --bundle {Bundle(directory, "live", "/bin/sleep\",\"100000")} {_live} </dev/null >/dev/null 2>&1");
    }

    /// <summary>Makes one ready; null where there is none.</summary>
    internal static Runc? TryStart(string directory) => File.Exists(Program) && Environment.IsPrivilegedProcess ? new Runc(directory) : null;

    /// <summary>A container from its making to the end of its program.</summary>
    internal void Run() => PlainSpawn.Run(Program, "run", "--bundle", _once, string.Create(CultureInfo.InvariantCulture, $"{_live}-{++_runs}"));

    /// <summary>A program in a container that runs.</summary>
    internal void Exec() => PlainSpawn.Run(Program, "exec", _live, "/bin/true");

    public void Dispose() => PlainSpawn.Run(Program, "delete", "-f", _live);

    private static string Bundle(string directory, string name, string program)
    {
        var bundle = Path.Combine(directory, name);
        var root = Path.Combine(bundle, "rootfs");
        foreach (var made in (string[])["usr", "proc", "dev"])
        {
            Directory.CreateDirectory(Path.Combine(root, made));
        }

        foreach (var link in (string[])["bin", "sbin", "lib", "lib64"])
        {
            File.CreateSymbolicLink(Path.Combine(root, link), "usr/" + link);
        }

        File.WriteAllText(Path.Combine(bundle, "config.json"), $$$"""
            {"ociVersion":"1.0.2","root":{"path":"rootfs","readonly":true},"hostname":"bench",
            "process":{"user":{"uid":0,"gid":0},"cwd":"/","env":["PATH=/usr/bin:/bin"],"args":["{{{program}}}"],"noNewPrivileges":true},
            "mounts":[{"destination":"/proc","type":"proc","source":"proc"},{"destination":"/dev","type":"tmpfs","source":"tmpfs","options":["nosuid","mode=755"]},
            {"destination":"/usr","type":"bind","source":"/usr","options":["rbind","ro"]}],
            "linux":{"namespaces":[{"type":"pid"},{"type":"network"},{"type":"ipc"},{"type":"uts"},{"type":"mount"}]}}
            """);
        return bundle;
    }
}
