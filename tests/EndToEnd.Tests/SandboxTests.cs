using System.Diagnostics;
using System.Text;
using Strata.Contracts;
using Strata.Ipc;

namespace Strata.EndToEnd.Tests;

/// <summary>The sandbox service in a real node, with the real engine.</summary>
public sealed class SandboxTests
{
    [Fact]
    public async Task Sessions_come_back_after_kill_9_of_the_service_and_nothing_that_ran_is_left()
    {
        await using var node = Node.Prepare();
        node.Declare("sandbox", """{ "name": "sandbox" }""");
        await node.LaunchAsync();
        var token = await IssueAsync(node);
        var made = await CallAsync(node, "create", """{"session":"work","environment":{"A":"1"},"secrets":{"KEY":"hunter2"}}""", token, ContractsJson.Default.SandboxCreateResult);
        Assert.True(made.Created);
        Assert.Equal("0:1000:1:hunter2", await RunAsync(node, token, "echo kept > /workspace/kept; (sleep 1000 &) ; echo $?:$(id -u):$A:$KEY"));
        // What the service is left with suffices for users of each sandbox's own, where the file system does.
        var ids = (await CallAsync(node, "doctor", "{}", token, ContractsJson.Default.SandboxDoctorResult)).Findings.Single(finding => finding.Name == "ids");
        Assert.DoesNotContain("refused", ids.What, StringComparison.Ordinal);
        Assert.Equal(ids.Good, await RunAsync(node, token, "read -r _ first count </proc/self/uid_map; echo $((first > 0x70000000 && count == 65536))") == "1");
        var before = (await node.ServicesAsync()).Single(s => s.Name == "sandbox").Pid;
        Process.GetProcessById(before).Kill();
        await UntilAsync(async () => (await node.ServicesAsync()).Single(s => s.Name == "sandbox") is { State: "Healthy" } now && now.Pid != before);

        var back = await CallAsync(node, "get", """{"session":"work"}""", token, ContractsJson.Default.SandboxInfo);
        Assert.Equal((made.Session.Id, "running", true, true, "restarted"), (back.Id, back.State, back.Restored, back.SecretsLost, back.Reason));
        Assert.Equal("kept:1:", await RunAsync(node, token, "echo $(cat /workspace/kept):$A:$KEY"));
        Assert.Equal("0", await RunAsync(node, token, "grep -l '^Name:.sleep' /proc/[0-9]*/status | wc -l"));
        await UntilAsync(() => Task.FromResult(Sleepers().Length == 0));
        Assert.DoesNotContain(node.Folder, File.ReadAllText("/proc/self/mounts"), StringComparison.Ordinal);

        await CallAsync(node, "close", """{"session":"work"}""", token, ContractsJson.Default.StatusResult);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(node.RuntimeDir, "state", "sandbox", "sessions")));
        Assert.Empty(Sleepers(made.Session.Id));
    }

    /// <summary>Processes whose environment names this test's secret or a session.</summary>
    private static string[] Sleepers(string mark = "hunter2") =>
    [
        .. Directory.GetDirectories("/proc").Where(d => char.IsAsciiDigit(Path.GetFileName(d)[0])).Where(d =>
        {
            try
            {
                return File.ReadAllText(d + "/environ").Contains(mark, StringComparison.Ordinal);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return false;
            }
        }),
    ];

    private static async Task<string> IssueAsync(Node node)
    {
        await using var client = await node.ConnectAsync("identity");
        var wanted = new IssueParams("sandbox", Rights: ["sandbox.create", "sandbox.exec"], Subject: "tester", TtlSeconds: 600);
        return (await client.CallAsync("identity.issue", wanted, ContractsJson.Default.IssueParams, ContractsJson.Default.IssueResult)).Token;
    }

    private static async Task<T> CallAsync<T>(Node node, string method, string json, string token, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        var response = await node.CallAsync("sandbox." + method, json, token);
        Assert.True(response.Error is null, $"{response.Error}\n{node.Log}");
        return response.Get(type);
    }

    private static async Task<string> RunAsync(Node node, string token, string command)
    {
        var json = System.Text.Json.JsonSerializer.Serialize(new Dictionary<string, object> { ["session"] = "work", ["stateless"] = true, ["command"] = command });
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

        return Encoding.UTF8.GetString(output.ToArray()).Trim();
    }

    private static async Task UntilAsync(Func<Task<bool>> condition) => await Patience.UntilAsync(condition);
}
