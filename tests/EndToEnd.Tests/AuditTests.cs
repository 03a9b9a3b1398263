using System.Text.Json;
using Strata.Linux;

namespace Strata.EndToEnd.Tests;

public sealed class AuditTests
{
    [Fact]
    public async Task Every_log_verifies_after_use_and_kills_and_is_sealed_and_an_altered_record_is_named()
    {
        await using var node = await Node.StartAsync();
        await UseAsync(node);
        Assert.Equal(0, (await VerifyAsync(node)).ExitCode);

        var pid = await node.PidAsync("fs");
        Node.Signal(pid, Signal.SIGKILL);
        await node.WaitForStateAsync("fs", "Healthy", otherThanPid: pid);
        await UseAsync(node);
        await node.StopAsync();
        await node.LaunchAsync();
        var good = await VerifyAsync(node, "--json");
        Assert.True(good.ExitCode == 0, good.Output + good.Error);
        var logs = JsonDocument.Parse(good.Output).RootElement.GetProperty("logs").EnumerateArray().ToDictionary(l => l.GetProperty("service").GetString()!);
        Assert.All(["fs", "identity", "supervisor"], s => Assert.Contains(s, logs.Keys));
        Assert.True(logs["fs"].GetProperty("seals").GetInt64() > 0, good.Output);
        Assert.True(logs["identity"].GetProperty("seals").GetInt64() > 0, good.Output);

        await node.StopAsync();
        var path = AuditPath(node, "fs");
        var lines = File.ReadAllLines(path);
        var denied = Array.FindIndex(lines, l => l.Contains("path_outside_prefix", StringComparison.Ordinal));
        lines[denied] = lines[denied].Replace("\"denied\"", "\"allowed\"", StringComparison.Ordinal);
        File.WriteAllLines(path, lines);
        await node.LaunchAsync();
        var bad = await VerifyAsync(node);
        Assert.Equal(1, bad.ExitCode);
        Assert.Contains($"fs: record {denied + 1} was altered", bad.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_that_is_removed_while_the_node_is_down_is_missed_by_identity_and_the_service_says_so()
    {
        await using var node = await Node.StartAsync();
        await UseAsync(node);
        await node.StopAsync();
        File.Delete(AuditPath(node, "fs"));
        await node.LaunchAsync();
        await UseAsync(node);
        var bad = await VerifyAsync(node, "fs");
        Assert.Equal(1, bad.ExitCode);
        Assert.Contains("identity sealed", bad.Output, StringComparison.Ordinal);
        await node.StopAsync();
        Assert.Contains("audit_tampered", node.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_denial_is_found_by_the_request_that_was_denied()
    {
        await using var node = await Node.StartAsync();
        await UseAsync(node);
        var found = await node.CtlAsync("audit", "search", "--outcome", "denied", "--method", "fs.open", "--audit-dir", Path.Combine(node.RuntimeDir, "state", "audit"));
        Assert.Equal(0, found.ExitCode);
        Assert.Contains("path_outside_prefix", found.Output, StringComparison.Ordinal);
        Assert.Contains("../x", found.Output, StringComparison.Ordinal);
    }

    private static string AuditPath(Node node, string service) => Path.Combine(node.RuntimeDir, "state", "audit", service + ".jsonl");

    private static Task<CommandResult> VerifyAsync(Node node, params string[] arguments) => node.CtlAsync(["audit", "verify", .. arguments]);

    private static async Task UseAsync(Node node)
    {
        var issued = await node.IssueAsync();
        Assert.NotNull((await node.CallAsync("fs.open", """{"path":"../x"}""", issued.Token)).Error);
        Assert.Null((await node.CallAsync("fs.open", """{"path":"hello.txt"}""", issued.Token)).Error);
    }
}
