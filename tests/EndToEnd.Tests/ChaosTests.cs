using System.Globalization;
using Strata.Linux;

namespace Strata.EndToEnd.Tests;

/// <summary>
/// What a real machine does to a node of real processes. Each test ends the same way: everything that should run is Healthy and
/// answers, and when the node has ended nothing of it is left. A step of the wall clock is not here, since no process can have a wall
/// clock of its own; the simulation steps it, and the node measures all waits on the monotonic clock.
/// </summary>
public sealed class ChaosTests
{
    private static readonly CgroupPlan Groups = ControlGroups.Discover().Plan;

    [Fact]
    public async Task Every_core_service_is_killed_and_killed_again()
    {
        await using var node = await Node.StartAsync();
        foreach (var service in new[] { "fs", "registry", "identity", "fs" })
        {
            var before = await node.PidAsync(service);
            Node.Signal(before, Signal.SIGKILL);
            Assert.Contains("SIGKILL", (await node.WaitForStateAsync(service, "Healthy", before)).LastCrash, StringComparison.Ordinal);
        }

        await SurvivedAsync(node);
    }

    [Fact]
    public async Task A_stopped_process_is_noticed_by_its_watchdog_and_replaced()
    {
        await using var node = Node.Prepare();
        node.Declare("fs", """{ "name": "fs", "watchdog": { "interval": "500ms" } }""");
        await node.LaunchAsync();
        var before = await node.PidAsync("fs");
        Node.Signal(before, Signal.SIGSTOP);
        Assert.Contains("no sign of life", (await node.WaitForStateAsync("fs", "Healthy", before)).LastCrash, StringComparison.Ordinal);
        await SurvivedAsync(node);
    }

    [Fact]
    public async Task A_fork_bomb_stays_inside_its_limit()
    {
        Assert.SkipWhen(Groups.Processes is null, "no control group here limits processes");
        await using var node = Node.Prepare();
        // One that goes on when it may not fork; a shell's would end there, and be over before anybody looks.
        node.Declare("bomb", """
            { "name": "bomb", "exec": ["/usr/bin/perl", "-e", "while (1) { defined(fork) or select(undef, undef, undef, 0.01) }"], "readiness": { "method": "none" },
              "limits": { "pids": 24 }, "restart": { "policy": "never" } }
            """);
        await node.LaunchAsync();
        var groups = GroupsOf(node, "bomb");
        await Patience.UntilAsync(() => groups.Any(g => Number(g, "pids.current") >= 20));
        Assert.All(groups.Where(g => File.Exists(Path.Combine(g, "pids.max"))), g => Assert.InRange(Number(g, "pids.current"), 0, 24));
        (await node.CtlAsync("fs", "ls", "--token", (await node.IssueAsync()).Token)).Succeeded();

        (await node.CtlAsync("svc", "stop", "bomb", "--drain", "1ms")).Succeeded();
        await Patience.UntilAsync(() => GroupsOf(node, "bomb").Count == 0);
        await SurvivedAsync(node, "bomb");
    }

    [Fact]
    public async Task A_memory_hog_is_ended_alone_and_its_crash_says_why()
    {
        Assert.SkipWhen(Groups.Memory is null, "no control group here limits memory");
        await using var node = Node.Prepare();
        var go = Path.Combine(node.DataDir, "go");
        node.Declare("hog", $$"""
            { "name": "hog", "exec": ["/usr/bin/perl", "-e", "select(undef, undef, undef, 0.01) until -e '{{go}}'; my @x; push @x, 'a' x (1 << 20) for 1..4096; sleep 1000"], "readiness": { "method": "none" },
              "limits": { "memory": "32M" }, "restart": { "policy": "never" } }
            """);
        await node.LaunchAsync();
        File.Create(go).Dispose();
        Assert.Contains("used up its limits.memory", (await node.WaitForStateAsync("hog", "Stopped")).LastCrash, StringComparison.Ordinal);
        await SurvivedAsync(node, "hog");
    }

    [Fact]
    public async Task A_full_disk_of_state_stops_no_service_and_no_restart()
    {
        Assert.SkipWhen(UserId.Effective != 0, "only root mounts a small file system");
        await using var node = Node.Prepare();
        var state = Directory.CreateDirectory(Path.Combine(node.Folder, "state"), (UnixFileMode)0x1C0).FullName;
        var mount = await Command.RunAsync("mount", ["-t", "tmpfs", "-o", "size=1m,mode=0700", "tmpfs", state]);
        Assert.SkipWhen(mount.ExitCode != 0, "this machine lets nobody mount");
        try
        {
            node.Settings["STRATA_STATE_DIR"] = state;
            node.Declare("fs", """{ "name": "fs", "environment": { "STRATA_AUDIT_READS": "all" } }""");
            node.Declare("noisy", """{ "name": "noisy", "exec": ["/bin/sh", "-c", "while :; do echo noise; sleep 0.01; done"], "readiness": { "method": "none" } }""");
            await node.LaunchAsync();
            var token = (await node.IssueAsync()).Token;
            var ballast = Path.Combine(state, "ballast");
            Fill(ballast);

            (await node.CtlAsync("fs", "cat", "hello.txt", "--token", token)).Succeeded();
            foreach (var service in new[] { "fs", "identity" })
            {
                var before = await node.PidAsync(service);
                Node.Signal(before, Signal.SIGKILL);
                await node.WaitForStateAsync(service, "Healthy", before);
            }

            // A revocation that cannot be stored is refused: it would not survive. The first few find room in pages that are taken already.
            var refused = await FirstRefusalAsync(i => node.CallAsync("identity.revoke", $$"""{"cap_id":"{{i:x16}}"}"""));
            Assert.Contains(refused, new[] { "storage_full", "storage_failed", "audit_unavailable" });
            Assert.All(await node.ServicesAsync(), s => Assert.Equal("Healthy", s.State));

            File.Delete(ballast);
            (await node.CtlAsync("token", "revoke", token)).Succeeded();
            Assert.Contains("revoked", (await node.CtlAsync("fs", "ls", "--token", token)).Error, StringComparison.Ordinal);
            await SurvivedAsync(node);
        }
        finally
        {
            await Command.RunAsync("umount", ["-l", state]);
        }
    }

    [Fact]
    public async Task Descriptors_that_run_out_fail_calls_and_starts_only_as_long_as_they_are_out()
    {
        await using var node = Node.Prepare();
        node.Declare("disk", $$"""
            { "name": "disk", "exec": ["strata-exec", "{{Checkout.At("examples/disk-shell/disk.methods.json")}}"], "requires": ["identity"], "limits": { "open_files": 192 } }
            """);
        await node.LaunchAsync();
        await using (var first = await node.ConnectAsync("disk"))
        {
            var crowd = new List<RawConnection>();
            for (var i = 0; i < 300; i++)
            {
                crowd.Add(new RawConnection(node.Socket("disk")));
            }

            Assert.Null((await first.SendAsync(new Ipc.RpcRequest("disk.describe"))).Error);
            Assert.Contains("descriptors_exhausted", (await node.CtlAsync("call", "disk.ping")).Error, StringComparison.Ordinal);
            crowd.ForEach(c => c.Dispose());
        }

        await UntilSucceedsAsync(() => node.CtlAsync("call", "disk.ping"));
        var fs = await node.PidAsync("fs");

        // Now the supervisor: while it has none to spare it cannot start what dies, and tries again.
        var own = OpenFileLimit.Get(node.SupervisorPid);
        OpenFileLimit.Set(own with { Soft = 16 }, node.SupervisorPid);
        Node.Signal(fs, Signal.SIGKILL);
        await Patience.UntilAsync(() => node.Log.Contains("could not be started", StringComparison.Ordinal) || node.Log.Contains("EMFILE", StringComparison.Ordinal));
        OpenFileLimit.Set(own, node.SupervisorPid);
        await node.WaitForStateAsync("fs", "Healthy", fs);
        await SurvivedAsync(node);
    }

    /// <summary>All but the one that is meant to be down is up and answers; nothing outlives the node.</summary>
    private static async Task SurvivedAsync(Node node, string? down = null)
    {
        foreach (var service in (await node.ServicesAsync()).Where(s => s.Name != down && s.State != "Healthy"))
        {
            await node.WaitForStateAsync(service.Name, "Healthy");
        }

        var token = (await node.IssueAsync()).Token;
        Assert.Equal("Hello from Strata.\n", (await node.CtlAsync("fs", "cat", "hello.txt", "--token", token)).Succeeded().Output);
        var all = node.Processes();
        await node.StopAsync();
        Assert.Equal(0, node.Supervisor.ExitCode);
        Assert.True(await Node.AllGoneAsync(all));
        Assert.Empty(node.Processes());
        Assert.Empty(Directory.GetFiles(node.RuntimeDir, "*.sock"));
        Assert.Empty(GroupsOf(node, "*"));
    }

    private static List<string> GroupsOf(Node node, string service) => [.. Groups.Directories
        .SelectMany(d => Directory.GetDirectories(d, string.Create(CultureInfo.InvariantCulture, $"strata.{node.SupervisorPid}.{service}.*")))];

    private static long Number(string group, string file)
    {
        try
        {
            return long.Parse(File.ReadAllText(Path.Combine(group, file)), CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0; // Another controller's group, or one that was just removed.
        }
    }

    private static async Task UntilSucceedsAsync(Func<Task<CommandResult>> command)
    {
        using var limit = new CancellationTokenSource(Node.Patience);
        while ((await command()).ExitCode != 0)
        {
            limit.Token.ThrowIfCancellationRequested();
        }
    }

    private static async Task<string?> FirstRefusalAsync(Func<int, Task<Ipc.RpcResponse>> call)
    {
        for (var i = 0; i < 1000; i++)
        {
            if (await call(i) is { Error: { } error })
            {
                return error.Reason;
            }
        }

        return null;
    }

    private static void Fill(string file)
    {
        using var ballast = File.Create(file);
        var chunk = new byte[4096];
        try
        {
            while (true)
            {
                ballast.Write(chunk);
                ballast.Flush();
            }
        }
        catch (IOException)
        {
            // Full, which was the point.
        }
    }
}
