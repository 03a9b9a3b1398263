using Strata.Contracts;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.EndToEnd.Tests;

/// <summary>The built-in services are kept from everything but their own business, by the kernel; what tries is a program in their place.</summary>
public sealed class BuiltInConfinementTests
{
    private const string Denied = "Permission denied";
    private const string NotPermitted = "Operation not permitted";

    [Fact]
    public async Task The_services_that_run_are_without_privileges_and_say_so()
    {
        await using var node = await Node.StartAsync();
        foreach (var service in new[] { "registry", "identity", "fs" })
        {
            var status = await File.ReadAllLinesAsync($"/proc/{await node.PidAsync(service)}/status");
            Assert.Contains("NoNewPrivs:\t1", status);
            Assert.Contains("Seccomp:\t2", status);
            Assert.Contains("CapEff:\t0000000000000000", status);
        }

        var wide = (await node.CtlAsync("svc", "list", "--wide")).Succeeded().Output;
        Assert.Equal(Landlock.Version > 0 ? 3 : 0, wide.Split("paths, seccomp strict, no capabilities, no new privileges").Length - 1);
        var doctor = await node.CtlAsync("doctor");
        Assert.Contains("confinement identity", doctor.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_finds_nothing_denied_on_a_fresh_node_but_to_whom_it_was()
    {
        await using var node = Node.Prepare();
        // The kernel tells denials in order: once this one's is counted, so are all that were before it.
        node.Declare("intruder", """
            { "name": "intruder", "exec": ["/usr/bin/python3", "-c", "import signal, socket\ntry: socket.socket(socket.AF_INET)\nexcept OSError: signal.pause()"],
              "after": ["fs"], "readiness": { "method": "none" }, "confinement": { "seccomp": "strict" } }
            """);
        await node.LaunchAsync();
        var list = (await node.CallAsync("supervisor.svc.list")).Get(ContractsJson.Default.ServiceList);
        if (list.DenialsUnseen is null)
        {
            await Strata.Tests.Patience.UntilAsync(async () => (await node.CtlAsync("doctor")).Output.Contains("denied: seccomp:socket 1 times", StringComparison.Ordinal));
        }

        string[] wrong = [.. (await node.CtlAsync("doctor")).Output.Split('\n').Where(line => line.StartsWith("warn", StringComparison.Ordinal) || line.StartsWith("fail", StringComparison.Ordinal))];
        Assert.DoesNotContain(wrong, line => Array.Exists(["registry", "identity", "fs", "socket  ", "version", "dir "], part => line.Contains(part, StringComparison.Ordinal)));
        Assert.Equal(list.DenialsUnseen is null && Landlock.Version > 0 ? 1 : wrong.Length, wrong.Length);
    }

    [Theory]
    [InlineData("registry")]
    [InlineData("identity")]
    [InlineData("fs")]
    public async Task What_takes_a_services_place_is_denied_everything_but_its_files(string service)
    {
        if (Landlock.Version == 0)
        {
            return; // Said by svc list and doctor instead, which is tested with their parts.
        }

        await using var node = Node.Prepare();
        await PutInPlaceAsync(node, service, "trespasser.py");
        node.Start();
        var result = await ResultAsync(node);

        Assert.Equal(("1", "2", "0000000000000000"), (result["NoNewPrivs"], result["Seccomp"], result["CapEff"]));
        Assert.Equal(UserId.Effective == 0 ? "0000000000000000" : result["CapBnd"], result["CapBnd"]);
        foreach (var never in new[] { "write runtime dir", "write tmp", "remove a socket" })
        {
            Assert.Equal((never, Denied), (never, result[never]));
        }

        foreach (var never in new[] { "internet", "namespace" })
        {
            Assert.Equal((never, NotPermitted), (never, result[never]));
        }

        Assert.NotEqual("done", result["another program"]);
        Assert.Equal("done", result["write audit"]);
        Assert.Equal(service == "identity" ? "done" : Denied, result["write own state"]);
        // fs reads its roots, which are all there is unless an operator narrows them.
        Assert.Equal(service == "fs" ? "done" : Denied, result["read etc"]);
        Assert.Equal(service == "fs" ? "done" : Denied, result["read capabilities"]);
        Assert.Equal(service == "registry" ? Denied : "done", result["read keys"]);
    }

    [Fact]
    public async Task What_takes_the_sandbox_services_place_makes_sandboxes_and_reaches_neither_the_kernel_nor_others_processes()
    {
        await using var node = Node.Prepare();
        await PutInPlaceAsync(node, "sandbox", "jailer.py");
        node.Declare("sandbox", """{ "name": "sandbox" }""");
        node.Start();
        var result = await ResultAsync(node);

        // CHOWN, DAC_OVERRIDE, FOWNER, FSETID, SETFCAP, SETGID, SETUID and SYS_ADMIN, as root; nothing otherwise.
        const string eight = "00000000802000db";
        Assert.Equal(("1", "2"), (result["NoNewPrivs"], result["Seccomp"]));
        Assert.Equal(UserId.Effective == 0 ? eight + eight : "0000000000000000", result["CapEff"] + (UserId.Effective == 0 ? result["CapBnd"] : ""));
        string[] reachesOthers = ["signal the supervisor", "trace the supervisor", "memory of the supervisor", "root of the supervisor"];
        // A low port is everybody's in a container that says so.
        foreach (var (never, came) in result.Where(one => one.Key is not ("NoNewPrivs" or "Seccomp" or "CapEff" or "CapBnd" or "its own business" or "a low port")))
        {
            Assert.True(came is NotPermitted or Denied || (!Landlock.CanScope && reachesOthers.Contains(never)), $"{never}: {came}");
        }

        Assert.Equal("done", result["its own business"]);
    }

    [Fact]
    public async Task Fs_reaches_its_roots_and_nothing_beside_them()
    {
        if (Landlock.Version == 0)
        {
            return;
        }

        await using var node = Node.Prepare();
        node.Declare("fs", $$"""{ "name": "fs", "confinement": { "read": ["{{node.DataDir}}"] } }""");
        await node.LaunchAsync();
        var token = (await node.IssueAsync(prefix: "/")).Token;
        var hello = await node.CallAsync("fs.open", $$"""{"path":"{{node.DataDir}}/hello.txt"}""", token);
        Assert.Null(hello.Error);
        foreach (var path in new[] { "/etc/fstab", node.RuntimeDir + "/identity.pub" }.Where(File.Exists))
        {
            Assert.Equal((path, "file_access"), (path, (await node.CallAsync("fs.open", $$"""{"path":"{{path}}"}""", token)).Error?.Reason));
        }
    }

    [Fact]
    public async Task No_capability_and_no_way_leads_into_what_the_node_keeps_to_itself()
    {
        await using var node = await Node.StartAsync();
        var state = Path.Combine(node.RuntimeDir, "state");
        var key = Directory.EnumerateFiles(state + "/identity").First();
        File.CreateSymbolicLink(Path.Combine(node.DataDir, "key"), "../run/state/identity/" + Path.GetFileName(key));
        File.CreateSymbolicLink(Path.Combine(node.DataDir, "up"), "../run/state");
        Directory.CreateDirectory(node.RuntimeDir + "/capabilities/victim");
        await File.WriteAllTextAsync(node.RuntimeDir + "/capabilities/victim/1.json", "{}");
        var fs = await node.PidAsync("fs");
        (string Prefix, string Path)[] ways =
        [
            ("/", key), ("/", state), ("/", state + "/identity"), ("/", state[1..] + "/identity/" + Path.GetFileName(key)), ("/", state + "/identity/none"),
            ("/", node.DataDir + "/key"), ("/", node.DataDir + "/up/identity"), (node.Folder, "data/key"), (node.Folder, "run/state/audit/fs.jsonl"),
            (state, "identity/" + Path.GetFileName(key)), (state + "/identity", "."), ("/proc/self/root" + state, "identity"), ($"/proc/{fs}/root" + state, "identity"),
            ("/proc/self/cwd" + state, "."), ("/", "proc/self/mem"), ("/proc/self", "environ"), ("/proc/self/task", "."), ("/", node.RuntimeDir + "/capabilities/victim/1.json"),
            ("/", node.RuntimeDir + "/pipes"), (node.RuntimeDir, "supervisor.state"),
        ];
        foreach (var (prefix, path) in ways)
        {
            var token = (await node.IssueAsync(prefix: prefix)).Token;
            foreach (var method in new[] { "fs.open", "fs.list", "fs.stat" })
            {
                var error = (await node.CallAsync(method, $$"""{"path":"{{path}}"}""", token)).Error;
                Assert.Equal((prefix, path, method, ErrorCode.PermissionDenied, "kept_out"), (prefix, path, method, error?.Code ?? default, error?.Reason));
                Assert.DoesNotContain(node.Folder, error!.Message, StringComparison.Ordinal);
            }
        }

        // By way of another process there is nothing at all.
        var stranger = (await node.IssueAsync(prefix: $"/proc/{await node.PidAsync("identity")}/root" + state)).Token;
        Assert.Equal(ErrorCode.PermissionDenied, (await node.CallAsync("fs.list", """{"path":"identity"}""", stranger)).Error?.Code);
        var good = (await node.IssueAsync(prefix: "/")).Token;
        Assert.Null((await node.CallAsync("fs.open", $$"""{"path":"{{node.DataDir}}/hello.txt"}""", good)).Error);
        Assert.Null((await node.CallAsync("fs.list", $$"""{"path":"{{node.RuntimeDir}}"}""", good)).Error);
        Assert.Contains("\"reason\":\"kept_out\"", await File.ReadAllTextAsync(state + "/audit/fs.jsonl"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_public_key_is_published_by_a_confined_identity_and_stays_the_same()
    {
        await using var node = await Node.StartAsync();
        var path = Path.Combine(node.RuntimeDir, "identity.pub");
        var key = await File.ReadAllTextAsync(path);
        Assert.Equal(32, Convert.FromBase64String(key).Length);
        var pid = await node.PidAsync("identity");
        Node.Signal(pid, Signal.SIGKILL);
        await node.WaitForStateAsync("identity", "Healthy", otherThanPid: pid);
        Assert.Equal(key, await File.ReadAllTextAsync(path));
        Assert.Equal((UnixFileMode)0x1A4, File.GetUnixFileMode(path));
    }

    /// <summary>Exactly the confinement of the built-in program is for what lies in its place.</summary>
    private static async Task PutInPlaceAsync(Node node, string service, string script)
    {
        var programs = Path.Combine(node.Folder, "bin");
        (await Command.RunAsync("cp", ["-a", Path.GetDirectoryName(Checkout.Program("supervisor"))!, programs], node.Settings)).Succeeded();
        File.Delete(Path.Combine(programs, service));
        File.Copy(Checkout.At("tests/EndToEnd.Tests/Services/" + script), Path.Combine(programs, service));
        node.Program = Path.Combine(programs, "supervisor");
    }

    private static async Task<Dictionary<string, string>> ResultAsync(Node node)
    {
        const string mark = "TRESPASS ";
        await Strata.Tests.Patience.UntilAsync(() => node.Log.Contains(mark, StringComparison.Ordinal));
        var line = node.Log.Split('\n').First(l => l.Contains(mark, StringComparison.Ordinal));
        return line[(line.IndexOf(mark, StringComparison.Ordinal) + mark.Length)..].Split(';').Select(one => one.Split('=')).Where(pair => pair.Length == 2)
            .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
    }
}
