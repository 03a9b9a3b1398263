using Strata.Contracts;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.EndToEnd.Tests;

public sealed class CapabilityTests
{
    private const string ListHere = """{"path":"."}""";

    [Fact]
    public async Task A_capability_opens_what_it_names_and_nothing_else()
    {
        await using var node = await Node.StartAsync();
        var token = (await node.IssueAsync()).Token;

        var handle = (await node.CallAsync("fs.open", """{"path":"hello.txt"}""", token)).Get(ContractsJson.Default.OpenResult).Handle;
        var read = (await node.CallAsync("fs.read", $$"""{"handle":"{{handle}}"}""", token)).Get(ContractsJson.Default.ReadResult);
        Assert.Equal("Hello from Strata.\n", read.Data);
        Assert.True(read.Eof);

        Assert.Equal("missing_token", (await node.CallAsync("fs.open", """{"path":"hello.txt"}""")).Error?.Reason);
        Assert.Equal("path_outside_prefix", (await node.CallAsync("fs.open", """{"path":"../run/identity.pub"}""", token)).Error?.Reason);
        Assert.Equal("path_outside_prefix", (await node.CallAsync("fs.open", """{"path":"/etc/passwd"}""", token)).Error?.Reason);
        var listOnly = (await node.IssueAsync(rights: "fs.list")).Token;
        Assert.Equal("right_missing", (await node.CallAsync("fs.open", """{"path":"hello.txt"}""", listOnly)).Error?.Reason);
        Assert.Equal(ErrorCode.NotFound, (await node.CallAsync("fs.read", $$"""{"handle":"{{handle}}"}""", (await node.IssueAsync()).Token)).Error?.Code);
    }

    [Fact]
    public async Task A_bad_token_is_reported_before_any_fault_of_the_params()
    {
        await using var node = await Node.StartAsync();
        Assert.Equal(ErrorCode.Unauthenticated, (await node.CallAsync("fs.open", """{"nonsense":1}""")).Error?.Code);
        Assert.Equal(ErrorCode.Unauthenticated, (await node.CallAsync("fs.open", """{"nonsense":1}""", "v2.public.AAAA")).Error?.Code);
    }

    [Fact]
    public async Task Forged_and_respelled_tokens_do_not_get_in()
    {
        await using var node = await Node.StartAsync();
        var token = (await node.IssueAsync()).Token;
        Assert.Null((await node.CallAsync("fs.list", ListHere, token)).Error);

        string[] forgeries =
        [
            token + ".", token + "=", token + ".e30", token[..^1], "V2" + token[2..], "v4" + token[2..], " " + token, token + " ",
            Flip(token, 20), Flip(token, token.Length / 2), Flip(token, token.Length - 1),
        ];
        foreach (var forgery in forgeries)
        {
            Assert.Equal(ErrorCode.Unauthenticated, (await node.CallAsync("fs.list", ListHere, forgery)).Error?.Code);
        }
    }

    [Fact]
    public async Task A_revoked_capability_is_dead_at_once_and_stays_dead_through_every_restart()
    {
        await using var node = Node.Prepare();
        node.Settings["STRATA_EXIT_WITH_CHILDREN"] = "1";
        await node.LaunchAsync();
        var revoked = await node.IssueAsync();
        var kept = await node.IssueAsync();
        var handle = (await node.CallAsync("fs.open", """{"path":"hello.txt"}""", revoked.Token)).Get(ContractsJson.Default.OpenResult).Handle;

        var reply = (await node.CallAsync("identity.revoke", $$"""{"cap_id":"{{revoked.CapId}}"}""")).Get(ContractsJson.Default.RevokeResult);
        Assert.Equal("revoked", reply.Status);
        Assert.Null(reply.Pending);
        await DeniedAsync();

        foreach (var service in new[] { "fs", "identity" })
        {
            var pid = await node.PidAsync(service);
            Node.Signal(pid, Signal.SIGKILL);
            await node.WaitForStateAsync(service, "Healthy", pid);
            await DeniedAsync();
        }

        Node.Signal(node.SupervisorPid, Signal.SIGKILL);
        Assert.True(await Node.AllGoneAsync(node.Processes()));
        await node.LaunchAsync();
        await DeniedAsync();
        Assert.Null((await node.CallAsync("fs.list", ListHere, kept.Token)).Error);

        async Task DeniedAsync()
        {
            Assert.Equal("revoked", (await node.CallAsync("fs.list", ListHere, revoked.Token)).Error?.Reason);
            Assert.Equal(ErrorCode.Unauthenticated, (await node.CallAsync("fs.read", $$"""{"handle":"{{handle}}"}""", revoked.Token)).Error?.Code);
        }
    }

    [Fact]
    public async Task Revoking_while_fs_is_stopped_holds_once_it_starts()
    {
        await using var node = await Node.StartAsync();
        var issued = await node.IssueAsync();
        Assert.Null((await node.CallAsync("supervisor.svc.stop", """{"name":"fs"}""")).Error);

        Assert.Null((await node.CallAsync("identity.revoke", $$"""{"cap_id":"{{issued.CapId}}"}""")).Error);

        Assert.Null((await node.CallAsync("supervisor.svc.start", """{"name":"fs"}""")).Error);
        await node.WaitForStateAsync("fs", "Healthy");
        Assert.Equal("revoked", (await node.CallAsync("fs.list", ListHere, issued.Token)).Error?.Reason);
    }

    [Fact]
    public async Task Revoking_while_fs_hangs_answers_within_the_bound_and_names_it()
    {
        await using var node = await Node.StartAsync();
        var issued = await node.IssueAsync();
        var fs = await node.PidAsync("fs");
        Node.Signal(fs, Signal.SIGSTOP);

        var reply = (await node.CallAsync("identity.revoke", $$"""{"cap_id":"{{issued.CapId}}"}""")).Get(ContractsJson.Default.RevokeResult);

        Assert.Equal("revoked", reply.Status);
        Assert.Contains("fs", reply.Pending!);
        Node.Signal(fs, Signal.SIGCONT);
        await using var client = await node.ConnectAsync("fs");
        RpcResponse answer;
        do
        {
            // It is told as soon as it runs again; until then it had been named as one that has not confirmed.
            answer = await node.CallAsync("fs.list", ListHere, issued.Token);
        }
        while (answer.Error is null);
        Assert.Equal("revoked", answer.Error.Reason);
    }

    [Fact]
    public async Task A_holder_of_issue_passes_on_no_more_than_it_has()
    {
        await using var node = await Node.StartAsync();
        var holder = (await node.IssueAsync(rights: "identity.issue,fs.list")).Token;

        Assert.Null((await node.CallAsync("identity.issue", $$"""{"service":"fs","rights":["fs.list"],"path_prefix":"{{node.DataDir}}","ttl_seconds":60}""", holder)).Error);
        string[] greedy =
        [
            $$"""{"service":"fs","rights":["fs.read"],"path_prefix":"{{node.DataDir}}","ttl_seconds":60}""",
            """{"service":"fs","rights":["fs.list"],"path_prefix":"/","ttl_seconds":60}""",
            $$"""{"service":"registry","rights":["fs.list"],"path_prefix":"{{node.DataDir}}","ttl_seconds":60}""",
            $$"""{"service":"fs","rights":["fs.list"],"path_prefix":"{{node.DataDir}}","ttl_seconds":86000}""",
        ];
        foreach (var request in greedy)
        {
            Assert.Equal(ErrorCode.PermissionDenied, (await node.CallAsync("identity.issue", request, holder)).Error?.Code);
        }
    }

    [Fact]
    public async Task A_foreign_user_can_connect_and_do_nothing_without_a_capability()
    {
        await using var node = await Node.StartAsync();
        Assert.SkipUnless(Environment.UserName == "root", "becoming another user needs root");

        foreach (var (method, parameters) in new[]
        {
            ("identity.issue", """{"service":"fs","rights":["fs.read"],"path_prefix":"/"}"""),
            ("identity.revoke", """{"cap_id":"00000000000000000000000000000000"}"""),
            ("identity.watch", """{"verifier":"spy"}"""),
            ("supervisor.svc.stop", """{"name":"fs"}"""),
            ("registry.register", """{"service":"mine","endpoint":"unix:///tmp/mine.sock"}"""),
            ("fs.list", ListHere),
        })
        {
            var result = await Command.RunAsync(
                "setpriv", ["--reuid", "65534", "--regid", "65534", "--clear-groups", Checkout.Program("strata-ctl"), method, parameters], node.Settings);
            Assert.True(result.ExitCode == 1, $"{method}: exit {result.ExitCode} {result.Output} {result.Error}");
            Assert.Contains("UNAUTHENTICATED", result.Output, StringComparison.Ordinal);
        }

        Assert.All(await node.ServicesAsync(), s => Assert.Equal("Healthy", s.State));
    }

    [Fact]
    public async Task A_name_of_the_node_cannot_be_hijacked_and_other_entries_survive_the_registry()
    {
        await using var node = await Node.StartAsync();
        var hijack = await node.CallAsync("registry.register", """{"service":"fs","endpoint":"unix:///tmp/evil.sock"}""");
        Assert.Equal("declared_name", hijack.Error?.Reason);
        Assert.Null((await node.CallAsync("registry.register", """{"service":"extra","endpoint":"unix:///tmp/extra.sock","api_v":3}""")).Error);

        var pid = await node.PidAsync("registry");
        Node.Signal(pid, Signal.SIGKILL);
        await node.WaitForStateAsync("registry", "Healthy", pid);

        using var limit = new CancellationTokenSource(Node.Patience);
        var missing = new HashSet<string> { "fs", "identity", "extra" };
        await using var client = await node.ConnectAsync("registry");
        await foreach (var frame in client.StreamAsync(new RpcRequest("registry.watch"), limit.Token))
        {
            var item = frame.Get(ContractsJson.Default.RegistryEvent);
            missing.ExceptWith((item.Services ?? []).Select(e => e.Service));
            missing.Remove(item.Entry?.Service ?? "");
            if (missing.Count == 0)
            {
                break;
            }
        }

        Assert.Equal(3, (await node.CallAsync("registry.resolve", """{"service":"extra"}""")).Get(ContractsJson.Default.ResolveResult).ApiV);
    }

    [Fact]
    public async Task Audit_tells_who_did_what_and_holds_no_token()
    {
        await using var node = await Node.StartAsync();
        var issued = await node.IssueAsync();
        var handle = (await node.CallAsync("fs.open", """{"path":"hello.txt"}""", issued.Token)).Get(ContractsJson.Default.OpenResult).Handle;
        await node.CallAsync("fs.read", $$"""{"handle":"{{handle}}"}""", issued.Token);
        await node.CallAsync("fs.open", """{"path":"../x"}""", issued.Token);
        await node.CallAsync("identity.revoke", $$"""{"cap_id":"{{issued.CapId}}"}""");
        await node.StopAsync();

        var audit = string.Concat(Directory.GetFiles(Path.Combine(node.RuntimeDir, "state", "audit"), "*.jsonl").Select(File.ReadAllText));
        foreach (var expected in new[] { "cap.issued", "cap.revoked", "fs.open", "fs.read", "auth.denied", "svc.start", "path_outside_prefix", issued.CapId })
        {
            Assert.Contains(expected, audit, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(issued.Token, audit + node.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("v2.public.", audit + node.Log, StringComparison.Ordinal);
    }

    private static string Flip(string token, int at) => token[..at] + (token[at] == 'A' ? 'B' : 'A') + token[(at + 1)..];
}
