using Strata.Contracts;
using Strata.Ipc;
using Strata.Policy;

namespace Strata.Sandbox.Tests;

public sealed class BoundsTests
{
    [Fact]
    public async Task There_are_no_more_sessions_than_may_be_in_all_and_of_one_owner()
    {
        await using var node = await SandboxNode.StartAsync(options: o => o with { MaxSessions = 3, MaxSessionsPerOwner = 2 });
        var alice = await node.ConnectAsync(node.Grant("alice"));
        var bob = await node.ConnectAsync(node.Grant("bob"));
        await alice.CreateAsync("""{"session":"1"}""");
        await alice.CreateAsync("""{"session":"2"}""");
        await alice.ErrorAsync("create", """{"session":"3"}""", ErrorCode.ResourceExhausted, "too_many_sessions");
        // What is there is given all the same.
        Assert.False((await alice.CreateAsync("""{"session":"2"}""")).Created);
        await bob.CreateAsync("""{"session":"1"}""");
        await bob.ErrorAsync("create", """{"session":"2"}""", ErrorCode.ResourceExhausted, "too_many_sessions");
        await alice.StatusAsync("close", "1");
        Assert.True((await bob.CreateAsync("""{"session":"2"}""")).Created);
    }

    [Fact]
    public async Task Deriving_capabilities_makes_no_room_for_sessions()
    {
        await using var node = await SandboxNode.StartAsync();
        var root = node.Grant("alice", bounds: new SandboxBounds { MaxSessions = 3 });
        var child = node.Derive(root, "agent", new SandboxRequest { MaxSessions = 2 });
        var grandchild = node.Derive(child, "helper");
        var (alice, agent, helper) = (await node.ConnectAsync(root), await node.ConnectAsync(child), await node.ConnectAsync(grandchild));
        await agent.CreateAsync();
        await helper.CreateAsync();
        await agent.ErrorAsync("create", "{}", ErrorCode.ResourceExhausted, "max_sessions");
        await helper.ErrorAsync("create", "{}", ErrorCode.ResourceExhausted, "max_sessions");
        await alice.CreateAsync();
        await alice.ErrorAsync("create", "{}", ErrorCode.ResourceExhausted, "max_sessions");
        // Neither does a restart.
        await node.CrashAsync();
        await (await node.ConnectAsync(node.Derive(root, "another"))).ErrorAsync("create", "{}", ErrorCode.ResourceExhausted, "max_sessions");
        await (await node.ConnectAsync(node.Grant("alice"))).CreateAsync();
    }

    [Fact]
    public async Task A_capability_bounds_what_is_asked_for_and_what_is_not()
    {
        await using var node = await SandboxNode.StartAsync();
        var client = await node.ConnectAsync(node.Grant(bounds: new SandboxBounds
        {
            Images = NameList.Of("host", "python:*"), MaxMemoryBytes = 64 << 20, MaxCpuMillis = 500, MaxPids = 16, MaxDiskBytes = 32 << 20, Networks = NameList.Of("none"),
        }));
        await client.CreateAsync("""{"session":"x"}""");
        Assert.Equal(new SandboxLimits(64 << 20, 0.5, 16, 32 << 20, 1024), node.Engine.Alive.Single().Plan.Limits);
        foreach (var (json, reason) in new[]
        {
            ("""{"limits":{"memory_bytes":67108865}}""", "limit_denied"), ("""{"limits":{"cpus":0.5001}}""", "limit_denied"), ("""{"limits":{"pids":17}}""", "limit_denied"),
            ("""{"limits":{"disk_bytes":33554433}}""", "limit_denied"), ("""{"image":"node"}""", "image_denied"), ("""{"image":"hosts"}""", "image_denied"),
            ("""{"network":"proxy"}""", "network_denied"),
        })
        {
            await client.ErrorAsync("create", json, ErrorCode.PermissionDenied, reason);
        }

        await client.ErrorAsync("create", """{"image":"python:3"}""", ErrorCode.NotFound, "image_not_found");
        var denials = (await node.AuditAsync()).Where(r => r.GetProperty("event").GetString() == "auth.denied").Select(r => r.GetProperty("reason").GetString());
        Assert.Equal(["limit_denied", "limit_denied", "limit_denied", "limit_denied", "image_denied", "image_denied", "network_denied"], denials);
    }

    [Fact]
    public async Task What_is_changed_is_bounded_only_for_those_who_ask_or_must()
    {
        await using var node = await SandboxNode.StartAsync();
        Assert.Null((await (await node.ConnectAsync()).CreateAsync()).Session.Limits.DiskBytes);
        await using var strict = await SandboxNode.StartAsync(options: o => o with { DiskBytes = 5 << 20 });
        Assert.Equal(5 << 20, (await (await strict.ConnectAsync()).CreateAsync()).Session.Limits.DiskBytes);
    }

    [Fact]
    public async Task Domains_leave_no_network_that_cannot_be_held_to_them()
    {
        await using var node = await SandboxNode.StartAsync(options: o => o with { Networks = ["none", "proxy", "host"] });
        var client = await node.ConnectAsync(node.Grant(bounds: new SandboxBounds { Domains = NameList.Of("*.example.org") }));
        var error = await client.ErrorAsync("create", """{"network":"host"}""", ErrorCode.PermissionDenied, "network_denied");
        Assert.Contains("proxy", error.Message, StringComparison.Ordinal);
        Assert.Equal("proxy", (await client.CreateAsync("""{"network":"proxy"}""")).Session.Network);
        Assert.Equal("none", (await client.CreateAsync("""{"network":"none"}""")).Session.Network);
    }

    [Fact]
    public async Task Another_constraint_of_the_capability_denies_because_nobody_holds_it()
    {
        await using var node = await SandboxNode.StartAsync();
        var capability = node.Derive(node.Grant());
        var client = await node.ConnectAsync(capability);
        await client.CreateAsync();
        Assert.Equal(ServiceConstraints.Sandbox, (CapabilityConstraints.None with { Sandbox = new SandboxBounds { MaxPids = 1 } }).OfService);
    }

    [Fact]
    public async Task Revoking_a_capability_ends_what_it_and_its_children_made()
    {
        await using var node = await SandboxNode.StartAsync();
        var root = node.Grant("alice");
        var child = node.Derive(root, "agent");
        var other = await node.ConnectAsync(node.Grant("alice"));
        await (await node.ConnectAsync(root)).CreateAsync("""{"session":"root"}""");
        await (await node.ConnectAsync(child)).CreateAsync("""{"session":"child"}""");
        await other.CreateAsync("""{"session":"other"}""");
        node.Revoke(child);
        await Patience.UntilAsync(() => node.Sessions.Table.Count == 2);
        node.Revoke(root);
        await Patience.UntilAsync(() => node.Sessions.Table.Count == 1);
        Assert.Equal("running", (await other.InfoAsync("other")).State);
        Assert.Single(node.Engine.Alive);
    }

    [Fact]
    public async Task A_revocation_while_a_session_is_made_ends_it()
    {
        await using var node = await SandboxNode.StartAsync();
        var gate = new TaskCompletionSource();
        node.Engine.Gate = gate.Task;
        var capability = node.Grant();
        var client = await node.ConnectAsync(capability);
        var asked = client.CallAsync("create", """{"session":"x"}""");
        await Patience.UntilAsync(() => node.Engine.Asked == 1);
        node.Revoke(capability);
        gate.SetResult();
        Assert.Equal((ErrorCode.Unauthenticated, "revoked"), ((await asked).Error!.Code, (await asked).Error!.Reason));
        await Patience.UntilAsync(() => node.Sessions.Table.Count == 0 && node.Engine.Alive.Count == 0);
    }

    [Fact]
    public async Task Every_making_ending_and_refusal_is_recorded_with_its_capability_and_without_secrets()
    {
        await using var node = await SandboxNode.StartAsync();
        var capability = node.Grant();
        var client = await node.ConnectAsync(capability);
        await client.CreateAsync("""{"session":"x","secrets":{"KEY":"hunter2"},"environment":{"A":"plain-value"}}""");
        await client.CallAsync("create", """{"session":"y","image":"nothing"}""");
        await client.StatusAsync("pause", "x");
        await client.StatusAsync("close", "x");
        await client.CreateAsync("""{"session":"z","ttl_seconds":1}""");
        node.Clock.Advance(TimeSpan.FromSeconds(1));
        await node.Sessions.ReapOnceAsync();
        var records = await node.AuditAsync();
        string? Of(System.Text.Json.JsonElement record, string name) => record.TryGetProperty(name, out var value) ? value.GetString() : null;
        Assert.All(records, r => Assert.Equal((capability.Claims.CapabilityId, "alice"), (Of(r, "cap_id"), Of(r, "subject"))));
        Assert.Equal(
            [
                ("sandbox.create", "allowed", "x", null), ("sandbox.create", "refused", "y", "image_not_found"), ("sandbox.pause", "allowed", "x", null),
                ("sandbox.close", "allowed", "x", "requested"), ("sandbox.create", "allowed", "z", null), ("sandbox.close", "done", "z", "expired"),
            ],
            records.Select(r => (Of(r, "event"), Of(r, "outcome"), Of(r, "resource"), Of(r, "reason"))));
        Assert.DoesNotContain(records, r => r.GetRawText().Contains("hunter2", StringComparison.Ordinal) || r.GetRawText().Contains("plain-value", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Doctor_tells_any_holder_and_authority_what_is_missing_and_what_to_do()
    {
        await using var node = await SandboxNode.StartAsync();
        var client = await node.ConnectAsync(node.Grant(rights: ["other.thing"]));
        var report = await client.GetAsync("doctor", "{}", ContractsJson.Default.SandboxDoctorResult);
        Assert.Equal(("fake", true, 0, 1000), (report.Engine, report.Usable, report.Sessions, report.MaxSessions));
        Assert.Equal(new SandboxFinding("overlay", false, "there is none", "load the module overlay"), Assert.Single(report.Findings));
    }
}
