using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor.Tests;

public sealed class HygieneTests
{
    // In a subshell, for a shell may keep a copy of what it redirects.
    private const string Look = "(ls /proc/$$/fd) > $STRATA_RUNTIME_DIR/plan/fds; cat /proc/$$/environ > $STRATA_RUNTIME_DIR/plan/environ; cat /proc/$$/stat > $STRATA_RUNTIME_DIR/plan/stat; (readlink /proc/$$/fd/0) > $STRATA_RUNTIME_DIR/plan/stdin";

    private static readonly ServiceManifest Looker = new()
    {
        Name = "looker",
        Program = "/bin/sh",
        Arguments = ["-c", Look],
        Watchdog = new WatchdogPolicy { Interval = TimeSpan.FromSeconds(10) },
        Environment = System.Collections.Immutable.ImmutableDictionary<string, string>.Empty.Add("OWN", "from the manifest"),
    };

    [Fact]
    public async Task A_service_has_its_socket_and_the_standard_descriptors_and_a_session_of_its_own()
    {
        using var leaked = Processes.OpenWithoutCloseOnExec();
        await using var node = TestNode.Start(Looker, "");
        var crash = await node.RecordAsync(r => r.To == ServiceState.Crashed);

        Assert.Equal(["0", "1", "2", "3"], File.ReadAllLines(node.PathOfPlan("fds")));
        Assert.Equal("/dev/null", File.ReadAllLines(node.PathOfPlan("stdin"))[0]);
        var stat = File.ReadAllText(node.PathOfPlan("stat"));
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        var pid = stat.Split(' ')[0];
        Assert.Equal([pid, pid], [fields[2], fields[3]]); // process group and session
        Assert.NotNull(crash.Crash);
    }

    [Fact]
    public async Task A_service_sees_settings_and_nothing_else_of_the_environment()
    {
        var ambient = new Dictionary<string, string>
        {
            ["PATH"] = "/usr/bin:/bin", ["HOME"] = "/home/x", ["LANG"] = "C", ["TZ"] = "UTC", ["DOTNET_ROOT"] = "/dotnet",
            ["STRATA_TOKEN_VERSION"] = "v4", ["STRATA_TOKEN"] = "secret of the operator", ["AWS_SECRET"] = "another",
            ["LD_PRELOAD"] = "", ["NOTIFY_SOCKET"] = "/the/supervisors/own", ["WATCHDOG_USEC"] = "1", ["LISTEN_PID"] = "1", ["STRATA_SUPERVISOR_PID"] = "1",
        };
        await using var node = TestNode.Start(Looker, "", ambient);
        await node.RecordAsync(r => r.To == ServiceState.Crashed);
        var seen = File.ReadAllText(node.PathOfPlan("environ")).Split('\0', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal);
        string[] expected =
        [
            "DOTNET_EnableDiagnostics=0", "DOTNET_ROOT=/dotnet", "HOME=/home/x", "LANG=C", "LISTEN_FDNAMES=looker", "LISTEN_FDS=1", $"NOTIFY_SOCKET={node.NotifyPath}",
            "OWN=from the manifest", "PATH=/usr/bin:/bin", "STRATA_DECLARED_SERVICES=supervisor", "STRATA_NODE_ID=local-0",
            $"STRATA_RUNTIME_DIR={node.Settings.RuntimeDir}", $"STRATA_STATE_DIR={node.Settings.StateDir}",
            $"STRATA_SUPERVISOR_PID={Environment.ProcessId}", "STRATA_TOKEN_VERSION=v4", "TZ=UTC", "WATCHDOG_USEC=10000000",
        ];
        Assert.Equal(expected, seen);
    }
}
