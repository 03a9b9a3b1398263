using System.Text.Json;
using Strata.Contracts;

namespace Strata.Sandbox.Tests;

/// <summary>Everything that is done with a sandbox is recorded with the capability that did it.</summary>
public sealed class AuditTrailTests
{
    private static readonly string[] Rights =
        [.. SandboxNode.AllRights, "sandbox.shell", "sandbox.workspace", "sandbox.snapshot", "sandbox.expose", "sandbox.image", "sandbox.image_manage"];

    [Fact]
    public async Task All_that_is_done_is_recorded_with_the_capability_that_did_it()
    {
        await using var engine = new EngineFixture();
        await using var node = await SandboxNode.StartAsync(engine.Engine, time: TimeProvider.System);
        var maker = node.Grant(rights: Rights);
        var worker = node.Derive(maker);
        var made = await node.ConnectAsync(maker);
        var works = await node.ConnectAsync(worker);
        await made.CreateAsync("""{"session":"s","network":"proxy","allow":[{"to":"allowed.invalid"}]}""");

        await works.RunAsync("echo private-command");
        await DoAsync(works, "exec", """{"session":"s","argv":["true"]}""");
        await works.ErrorAsync("exec", """{"session":"s","argv":["no-such-program"]}""", Ipc.ErrorCode.NotFound, "program_not_found");
        await DoAsync(works, "start", """{"session":"s","argv":["sleep","1000"],"id":"job"}""");
        await DoAsync(works, "signal", """{"session":"s","id":"job","signal":"KILL"}""");
        await DoAsync(works, "write", """{"session":"s","path":"a","data_b64":"c2VjcmV0LWJ5dGVz"}""");
        await DoAsync(works, "mkdir", """{"session":"s","path":"d"}""");
        await DoAsync(works, "move", """{"session":"s","from":"a","to":"d/a"}""");
        var handle = (await works.GetAsync("upload", """{"session":"s","path":"b"}""", ContractsJson.Default.SandboxUploadBegun)).Handle;
        await DoAsync(works, "upload_write", $$"""{"handle":"{{handle}}","offset":0,"data_b64":"c2VjcmV0LWJ5dGVz"}""");
        await DoAsync(works, "upload_commit", $$"""{"handle":"{{handle}}","size":12}""");
        await DoAsync(works, "delete", """{"session":"s","path":"d","recursive":true}""");
        Assert.Equal(Ipc.ErrorCode.PermissionDenied, (await works.CallAsync("write", """{"session":"s","path":"/usr/x","data_b64":""}""")).Error?.Code);
        await works.RunAsync("exec 3<>/dev/tcp/127.0.0.1/3128; printf 'CONNECT denied.invalid:443 HTTP/1.1\\r\\nHost: denied.invalid:443\\r\\n\\r\\n' >&3; cat <&3 >/dev/null");
        await works.ErrorAsync("connect", """{"session":"s","port":9}""", Ipc.ErrorCode.Unavailable, "port_refused");
        await DoAsync(works, "snapshot", """{"session":"s","snapshot":"kept"}""");
        await DoAsync(works, "fork", """{"snapshot":"kept","session":"forked"}""");
        await DoAsync(works, "restore", """{"session":"s","snapshot":"kept"}""");
        await DoAsync(works, "snapshot_delete", """{"snapshot":"kept"}""");
        await DoAsync(works, "workspace_create", """{"workspace":"w"}""");
        await DoAsync(works, "workspace_delete", """{"workspace":"w"}""");
        await DoAsync(works, "network", """{"session":"s","allow":[]}""");
        await DoAsync(works, "pause", """{"session":"s"}""");
        await DoAsync(works, "resume", """{"session":"s"}""");
        await DoAsync(works, "close", """{"session":"forked"}""");
        await DoAsync(made, "close", """{"session":"s"}""");

        var records = await node.AuditAsync();
        var told = records.Select(r => $"{Of(r, "event")} {Of(r, "outcome")} {Of(r, "resource")} {Of(r, "target")} {Of(r, "reason")}".TrimEnd()).ToArray();
        var mine = maker.Claims.CapabilityId;
        Assert.Equal(mine, Of(records[0], "cap_id"));
        Assert.Equal(mine, Of(records[^1], "cap_id"));
        Assert.All(records.Skip(1).SkipLast(1), r => Assert.Equal(Of(r, "event") == "sandbox.network_denied" ? mine : worker.Claims.CapabilityId, Of(r, "cap_id")));
        Assert.All(records, r => Assert.Equal("alice", Of(r, "subject")));
        string[] expected =
        [
            "sandbox.create allowed s host", "sandbox.exec allowed s", "sandbox.exec allowed s true", "sandbox.exec refused s no-such-program program_not_found", "sandbox.start allowed s sleep",
            "sandbox.signal allowed s job", "sandbox.write allowed s a", "sandbox.mkdir allowed s d", "sandbox.move allowed s", "sandbox.upload_commit allowed s b", "sandbox.delete allowed s d",
            "sandbox.write refused s /usr/x", "sandbox.network_denied denied s denied.invalid:443 destination_denied", "sandbox.connect refused s", "sandbox.snapshot allowed s", "sandbox.fork allowed forked",
            "sandbox.restore allowed s", "sandbox.snapshot_delete allowed kept", "sandbox.workspace_create allowed workspace w", "sandbox.workspace_delete allowed workspace w", "sandbox.network allowed s",
            "sandbox.pause allowed s", "sandbox.resume allowed s", "sandbox.close allowed forked", "sandbox.close allowed s",
        ];
        Assert.All(expected, line => Assert.True(Array.Exists(told, t => t.StartsWith(line, StringComparison.Ordinal)), $"{line} is not in\n{string.Join('\n', told)}"));
        Assert.All(records, r => Assert.DoesNotContain("private-command", r.GetRawText(), StringComparison.Ordinal));
        Assert.All(records, r => Assert.DoesNotContain("c2VjcmV0", r.GetRawText(), StringComparison.Ordinal));
    }

    private static string? Of(JsonElement record, string name) => record.TryGetProperty(name, out var value) ? value.ToString() : null;

    private static async Task DoAsync(SandboxClient client, string method, string json)
    {
        var answer = await client.CallAsync(method, json);
        Assert.True(answer.Error is null, $"{method}: {answer.Error?.Message}");
    }
}
