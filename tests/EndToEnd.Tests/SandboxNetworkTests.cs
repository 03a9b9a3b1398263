using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Strata.Contracts;
using Strata.Ipc;

namespace Strata.EndToEnd.Tests;

/// <summary>The networks of sandboxes in a real node, from the command line.</summary>
public sealed class SandboxNetworkTests
{
    [Fact]
    public async Task A_server_in_a_session_is_reached_from_the_command_line_and_the_host_from_the_session_only_as_allowed()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        await using var node = Node.Prepare();
        node.Declare("sandbox", """{ "name": "sandbox", "environment": { "STRATA_SANDBOX_REACHABLE": "127.0.0.0/8" } }""");
        await node.LaunchAsync();
        await using var identity = await node.ConnectAsync("identity");
        var wanted = new IssueParams("sandbox", Rights: ["sandbox.create", "sandbox.exec", "sandbox.expose"], Subject: "tester", TtlSeconds: 600);
        var token = (await identity.CallAsync("identity.issue", wanted, ContractsJson.Default.IssueParams, ContractsJson.Default.IssueResult)).Token;
        node.Settings["STRATA_TOKEN"] = token;
        var made = await node.CtlAsync("sandbox", "create", "work", "--network", "proxy");
        Assert.True(made.ExitCode == 0, made.ToString());

        // From the session to the host: not before it is allowed.
        var ask = $"exec 3<>/dev/tcp/127.0.0.1/3128; printf 'CONNECT 127.0.0.1:{port} HTTP/1.1\\r\\nHost: 127.0.0.1:{port}\\r\\n\\r\\n' >&3; head -n 1 <&3; exec 3>&-";
        Assert.Contains("403", await RunAsync(node, token, ask), StringComparison.Ordinal);
        Assert.False(listener.Pending());
        var allowed = await node.CtlAsync("sandbox", "network", "work", "--allow", $"127.0.0.1@{port}");
        Assert.True(allowed.ExitCode == 0, allowed.ToString());
        Assert.Contains("200", await RunAsync(node, token, ask), StringComparison.Ordinal);
        Assert.True(listener.Pending());

        // From the host to the session.
        await RunAsync(node, token, "echo hello > /workspace/index.html");
        var serving = RunAsync(node, token, "echo $$ > /tmp/server; exec python3 -m http.server 8000 --bind 127.0.0.1 --directory /workspace >/dev/null 2>&1");
        await RunAsync(node, token, "until (exec 3<>/dev/tcp/127.0.0.1/8000) 2>/dev/null; do sleep 0.1; done");
        using var expose = Process.Start(Expose(node))!;
        try
        {
            var line = await expose.StandardOutput.ReadLineAsync().WaitAsync(Node.Patience);
            Assert.Contains(" leads to port 8000 of work", line, StringComparison.Ordinal);
            using var client = new TcpClient();
            await client.ConnectAsync(IPEndPoint.Parse(line!.Split(' ')[0]));
            await using var stream = client.GetStream();
            await stream.WriteAsync("GET / HTTP/1.0\r\n\r\n"u8.ToArray());
            Assert.EndsWith("hello\n", await new StreamReader(stream).ReadToEndAsync().WaitAsync(Node.Patience), StringComparison.Ordinal);
        }
        finally
        {
            expose.Kill();
            await expose.WaitForExitAsync();
            await RunAsync(node, token, "kill $(cat /tmp/server)");
            await serving.WaitAsync(Node.Patience);
        }
    }

    private static ProcessStartInfo Expose(Node node)
    {
        var start = new ProcessStartInfo(Checkout.Program("strata-ctl"), ["sandbox", "expose", "work", "8000", "--listen", "127.0.0.1:0"]) { RedirectStandardOutput = true };
        foreach (var (name, value) in node.Settings)
        {
            start.Environment[name] = value;
        }

        return start;
    }

    private static async Task<string> RunAsync(Node node, string token, string command)
    {
        var json = JsonSerializer.Serialize(new Dictionary<string, object> { ["session"] = "work", ["stateless"] = true, ["argv"] = new[] { "bash", "-c", command } });
        await using var client = await node.ConnectAsync("sandbox");
        var output = new MemoryStream();
        await foreach (var item in client.StreamAsync(new RpcRequest("sandbox.exec") { Params = Encoding.UTF8.GetBytes(json), Token = token }))
        {
            Assert.True(item.Error is null, $"{item.Error}\n{node.Log}");
            if (item.Continues)
            {
                output.Write((item.Get(ContractsJson.Default.SandboxExecItem).StdoutB64 ?? default).Span);
            }
        }

        return Encoding.UTF8.GetString(output.ToArray());
    }
}
