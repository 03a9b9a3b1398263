using Strata.Contracts;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.EndToEnd.Tests;

/// <summary>Capabilities that a copy of the token does not give away: bound to a key, or good for one call.</summary>
public sealed class PossessionTests
{
    private const string Hello = """{"path":"hello.txt"}""";

    [Fact]
    public async Task A_bound_token_works_with_its_key_alone_and_through_restarts()
    {
        await using var node = await Node.StartAsync();
        var key = Path.Combine(node.Folder, "agent.key");
        var holder = (await node.CtlAsync("key", "new", key)).Succeeded().Output.Trim();
        var token = (await node.CtlAsync(
            "token", "issue", "--service", "fs", "--rights", "fs.list,fs.read,fs.open,fs.stat", "--prefix", node.DataDir, "--bind-key", holder, "-q")).Succeeded().Output.Trim();

        var stolen = await node.CtlAsync("fs", "ls", "--token", token);
        Assert.Equal(1, stolen.ExitCode);
        Assert.Contains("proof_missing", stolen.Error, StringComparison.Ordinal);
        Assert.Contains("--holder-key FILE", stolen.Error, StringComparison.Ordinal);

        Assert.Contains("hello.txt", (await node.CtlAsync("fs", "ls", "--token", token, "--holder-key", key)).Succeeded().Output, StringComparison.Ordinal);
        Assert.Equal("Hello from Strata.\n", (await node.CtlAsync("fs", "cat", "hello.txt", "--token", token, "--holder-key", key)).Succeeded().Output);
        Assert.Contains(holder, (await node.CtlAsync("token", "show", token)).Succeeded().Output, StringComparison.Ordinal);

        // A service that has just begun takes nothing signed before; the client signs anew by itself.
        Node.Signal(await node.PidAsync("fs"), Signal.SIGKILL);
        Assert.Contains("hello.txt", (await node.CtlAsync("fs", "ls", "--token", token, "--holder-key", key)).Succeeded().Output, StringComparison.Ordinal);

        var child = (await node.CtlAsync("token", "attenuate", "--token", token, "--holder-key", key, "--rights", "fs.stat", "-q")).Succeeded().Output.Trim();
        Assert.Equal("proof_missing", (await node.CallAsync("fs.stat", Hello, child)).Error?.Reason);
        Assert.Contains("hello.txt", (await node.CtlAsync("fs", "stat", "hello.txt", "--token", child, "--holder-key", key)).Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_ticket_is_good_for_one_call_of_64_and_for_none_after_a_kill_of_identity()
    {
        await using var node = await Node.StartAsync();
        var ticket = await TicketAsync(node, "fs.stat");
        var answers = await ManyAsync(node, "fs.stat", ticket, 64);

        Assert.Single(answers, a => a.Error is null);
        Assert.Equal(63, answers.Count(a => a.Error?.Reason == "already_used"));

        var pid = await node.PidAsync("identity");
        Node.Signal(pid, Signal.SIGKILL);
        await node.WaitForStateAsync("identity", "Healthy", pid);
        Assert.Equal("already_used", (await node.CallAsync("fs.stat", Hello, ticket)).Error?.Reason);
        Assert.Contains("already_used", (await node.CtlAsync("token", "show", ticket)).Output, StringComparison.Ordinal);
        Assert.Contains("cap.used", (await node.CtlAsync("audit", "search", "--json", "identity")).Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_kill_of_identity_in_the_middle_never_makes_two_calls_of_one()
    {
        await using var node = await Node.StartAsync();
        for (var round = 0; round < 3; round++)
        {
            var ticket = await TicketAsync(node, "fs.stat");
            var pid = await node.PidAsync("identity");
            var calls = ManyAsync(node, "fs.stat", ticket, 64);
            Node.Signal(pid, Signal.SIGKILL);
            var ran = (await calls).Count(a => a.Error is null);
            await node.WaitForStateAsync("identity", "Healthy", pid);

            ran += (await ManyAsync(node, "fs.stat", ticket, 8)).Count(a => a.Error is null);
            Assert.InRange(ran, 0, 1);
            Assert.Equal("already_used", (await node.CallAsync("fs.stat", Hello, ticket)).Error?.Reason);
        }
    }

    [Fact]
    public async Task A_stream_is_one_call()
    {
        await using var node = await Node.StartAsync();
        var ticket = await TicketAsync(node, "fs.download");
        await using var client = await node.ConnectAsync("fs");
        var request = new RpcRequest("fs.download") { Token = ticket, Params = System.Text.Encoding.UTF8.GetBytes(Hello) };
        var frames = await client.StreamAsync(request).ToListAsync();

        Assert.All(frames, f => Assert.Null(f.Error));
        Assert.Equal("already_used", (await client.StreamAsync(request).ToListAsync())[^1].Error?.Reason);
    }

    private static async Task<string> TicketAsync(Node node, string right)
    {
        var wanted = new IssueParams("fs", Rights: [right], PathPrefix: node.DataDir, TtlSeconds: 600, Once: true);
        await using var client = await node.ConnectAsync("identity");
        return (await client.CallAsync("identity.issue", wanted, ContractsJson.Default.IssueParams, ContractsJson.Default.IssueResult)).Token;
    }

    private static async Task<RpcResponse[]> ManyAsync(Node node, string method, string token, int count)
    {
        var clients = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => node.ConnectAsync("fs")));
        try
        {
            var request = new RpcRequest(method) { Token = token, Params = System.Text.Encoding.UTF8.GetBytes(Hello) };
            return await Task.WhenAll(Enumerable.Range(0, count).Select(i => clients[i % clients.Length].SendAsync(request))).WaitAsync(Node.Patience);
        }
        finally
        {
            await Task.WhenAll(clients.Select(c => c.DisposeAsync().AsTask()));
        }
    }
}
