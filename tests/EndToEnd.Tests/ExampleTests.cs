using Strata.Linux;

namespace Strata.EndToEnd.Tests;

/// <summary>The examples and the start of a project that the documents show, used as they say.</summary>
public sealed class ExampleTests
{
    private static string GreeterManifest => Checkout.Read("examples/greeter-python/greeter.service.json")
        .Replace("/opt/strata/examples", Checkout.At("examples"), StringComparison.Ordinal);

    [Fact]
    public async Task The_greeter_in_Python_greets_whoever_holds_its_right_and_nobody_else()
    {
        await using var node = Node.Prepare();
        node.Declare("greeter", GreeterManifest);
        await node.LaunchAsync();

        var token = await IssueAsync(node, "greeter", "greeter.greet");
        Assert.Contains("Hello, Ada.", (await GreetAsync(node, token)).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains("missing_token", (await GreetAsync(node, null)).Error, StringComparison.Ordinal);
        Assert.Contains("right_missing", (await GreetAsync(node, await IssueAsync(node, "greeter", "greeter.wave"))).Error, StringComparison.Ordinal);
        Assert.Contains("wrong_service", (await GreetAsync(node, await IssueAsync(node, "fs", "fs.read"))).Error, StringComparison.Ordinal);
        Assert.Contains("INVALID_ARGUMENT", (await node.CtlAsync("call", "--token", token, "greeter.greet", "{}")).Error, StringComparison.Ordinal);

        (await node.CtlAsync("token", "revoke", token)).Succeeded();
        Assert.Contains("revoked", (await GreetAsync(node, token)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_greeter_outlives_garbage_on_its_socket_and_a_kill()
    {
        await using var node = Node.Prepare();
        node.Declare("greeter", GreeterManifest);
        await node.LaunchAsync();
        foreach (var garbage in new byte[][] { [0, 0, 0, 0], [255, 255, 255, 255], [0, 0, 0, 2, 1, 2], [0, 0, 0, 4, .. "[[]]"u8], [0, 0] })
        {
            using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, 0);
            await socket.ConnectAsync(new System.Net.Sockets.UnixDomainSocketEndPoint(node.Socket("greeter")));
            await socket.SendAsync(garbage);
            socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
            var answer = new byte[1024];
            while (await socket.ReceiveAsync(answer) > 0)
            {
            }
        }

        var token = await IssueAsync(node, "greeter", "greeter.greet");
        Assert.Contains("Hello, Ada.", (await GreetAsync(node, token)).Succeeded().Output, StringComparison.Ordinal);
        Node.Signal(await node.PidAsync("greeter"), Signal.SIGKILL);
        Assert.Contains("Hello, Ada.", (await GreetAsync(node, token)).Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_agent_in_Python_uses_a_sandbox_step_by_step_and_leaves_none()
    {
        await using var node = Node.Prepare();
        node.Declare("sandbox", """{ "name": "sandbox" }""");
        await node.LaunchAsync();
        const string Rights = "sandbox.create,sandbox.exec,sandbox.read,sandbox.write";
        node.Settings["STRATA_TOKEN"] = (await node.CtlAsync("token", "issue", "--service", "sandbox", "--rights", Rights, "--subject", "agent", "-q")).Succeeded().Output.Trim();
        node.Settings["PYTHONDONTWRITEBYTECODE"] = "1";

        var said = (await Command.RunAsync("/usr/bin/python3", [Checkout.At("examples/sandbox-python/agent.py")], node.Settings)).Succeeded().Output;

        Assert.Equal(
            [
                "what lasts: /tmp 42", "apart: b'fine\\n' b'wrong\\n' exit code 3", "as it comes: line 1", "as it comes: line 2", "as it comes: line 3", "a file: b'a,b\\n'",
                "too long: begun timed out", "goes on: here", "refused: UNAVAILABLE network_unavailable", "not ours: NOT_FOUND session_not_found", "gone: NOT_FOUND session_not_found", "",
            ],
            said.Split('\n')[1..]);
        Assert.Equal("", (await node.CtlAsync("sandbox", "ps", "-q")).Succeeded().Output);

        // Without a capability, and after it was taken back.
        var token = node.Settings["STRATA_TOKEN"]!;
        (await node.CtlAsync("token", "revoke", token)).Succeeded();
        Assert.Contains("UNAUTHENTICATED (revoked)", (await Command.RunAsync("/usr/bin/python3", [Checkout.At("examples/sandbox-python/agent.py")], node.Settings)).Error, StringComparison.Ordinal);
        node.Settings["STRATA_TOKEN"] = null;
        Assert.Contains("UNAUTHENTICATED (missing_token)", (await Command.RunAsync("/usr/bin/python3", [Checkout.At("examples/sandbox-python/agent.py")], node.Settings)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_shell_script_tells_about_disks_whoever_holds_its_right_and_nobody_else()
    {
        await using var node = Node.Prepare();
        var manifest = Checkout.Read("examples/disk-shell/disk.service.json").Replace("/opt/strata/examples", Checkout.At("examples"), StringComparison.Ordinal);
        const string limit = """  "limits": { "pids": 64 },""";
        Assert.Contains(limit, manifest, StringComparison.Ordinal);
        // Root's processes are limited by control groups alone; a machine without them refuses the limit, as it should.
        node.Declare("disk", ControlGroups.Discover().Plan.Processes is null ? manifest.Replace(limit, "", StringComparison.Ordinal) : manifest);
        await node.LaunchAsync();
        var token = await IssueAsync(node, "disk", "disk.usage");
        Task<CommandResult> Ask(string method, string parameters, params string[] more) => node.CtlAsync(["call", .. more, method, parameters]);

        Assert.Contains("\"free_kib\": ", (await Ask("disk.usage", """{"path":"/"}""", "--token", token)).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains("NOT_FOUND: there is no such folder", (await Ask("disk.usage", """{"path":"/no such; reboot"}""", "--token", token)).Error, StringComparison.Ordinal);
        Assert.Contains("INVALID_ARGUMENT: the path must be absolute", (await Ask("disk.usage", """{"path":"$(reboot)"}""", "--token", token)).Error, StringComparison.Ordinal);
        Assert.Contains("the field \"path\" is missing", (await Ask("disk.usage", "{}", "--token", token)).Error, StringComparison.Ordinal);
        Assert.Contains("missing_token", (await Ask("disk.usage", """{"path":"/"}""")).Error, StringComparison.Ordinal);
        Assert.Contains("right_missing", (await Ask("disk.largest", """{"path":"/"}""", "--token", token)).Error, StringComparison.Ordinal);

        var list = await IssueAsync(node, "disk", "disk.list");
        var folder = Directory.CreateDirectory(Path.Combine(node.DataDir, "-n \"odd\"\n$(name)")).FullName;
        var largest = await Ask("disk.largest", $$"""{"path":{{System.Text.Json.JsonSerializer.Serialize(node.DataDir)}},"count":5}""", "--token", list);
        Assert.Contains("$(name)", largest.Succeeded().Output, StringComparison.Ordinal);
        Assert.True(Directory.Exists(folder));

        Assert.Contains("how full the disk is", (await node.CtlAsync("describe", "disk.usage")).Succeeded().Output, StringComparison.Ordinal);
        (await node.CtlAsync("token", "revoke", token)).Succeeded();
        Assert.Contains("revoked", (await Ask("disk.usage", """{"path":"/"}""", "--token", token)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_service_builds_and_passes_its_own_test()
    {
        await using var node = Node.Prepare();
        var folder = Path.Combine(node.DataDir, "greeter");
        (await node.CtlAsync("new", "service", "greeter", "-o", folder)).Succeeded();
        var test = (await Command.RunAsync(Path.Combine(folder, "test.sh"), [], node.Settings)).Succeeded();
        Assert.EndsWith("ok: greeter greets whoever may be greeted, and nobody else\n", test.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Confinement_of_a_manifest_is_the_kernels_word()
    {
        await using var node = Node.Prepare();
        var script = """
            import os, socket
            from pathlib import Path
            def attempt(what):
                try: what(); return "done"
                except OSError as e: return e.strerror
            print("inet:", attempt(lambda: socket.socket(socket.AF_INET)), flush=True)
            print("status:", Path("/proc/self/status").read_text().split("NoNewPrivs:")[1].split()[0], flush=True)
            import signal
            signal.pause()
            """;
        var file = Path.Combine(node.DataDir, "probe.py");
        await File.WriteAllTextAsync(file, script);
        node.Declare("probe", $$"""
            { "name": "probe", "exec": ["/usr/bin/python3", "{{file}}"], "readiness": { "method": "none" }, "confinement": { "seccomp": "strict" } }
            """);
        await node.LaunchAsync();
        var said = "";
        for (var tries = 0; tries < 200 && !said.Contains("status:", StringComparison.Ordinal); tries++)
        {
            said = (await node.CtlAsync("logs", "probe", "--json")).Succeeded().Output;
        }

        Assert.True(said.Contains("inet: ", StringComparison.Ordinal), said + node.Log);
        Assert.DoesNotContain("inet: done", said, StringComparison.Ordinal);
        Assert.Contains("status: 1", said, StringComparison.Ordinal);
    }

    private static Task<CommandResult> GreetAsync(Node node, string? token) => token is null
        ? node.CtlAsync("call", "greeter.greet", """{"name":"Ada"}""")
        : node.CtlAsync("call", "--token", token, "greeter.greet", """{"name":"Ada"}""");

    private static async Task<string> IssueAsync(Node node, string service, string rights) =>
        (await node.CtlAsync("token", "issue", "--service", service, "--rights", rights, "-q")).Succeeded().Output.Trim();
}
