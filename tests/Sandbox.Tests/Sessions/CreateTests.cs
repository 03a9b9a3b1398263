using System.Text.Json;
using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Sandbox.Tests;

public sealed class CreateTests
{
    [Fact]
    public async Task A_session_is_made_once_and_given_again()
    {
        await using var node = await SandboxNode.StartAsync();
        var client = await node.ConnectAsync();
        var first = await client.CreateAsync("""{"session":"work"}""");
        Assert.True(first.Created);
        Assert.Equal(("work", "alice", "running", "host", "fake", "none", "user"), (first.Session.Session, first.Session.Owner, first.Session.State, first.Session.Image,
            first.Session.Engine, first.Session.Network, first.Session.User));
        var again = await client.CreateAsync("""{"session":"work"}""");
        Assert.False(again.Created);
        Assert.Null(again.Differs);
        Assert.Equal(first.Session.Id, again.Session.Id);
        Assert.Single(node.Engine.Alive);
    }

    [Fact]
    public async Task A_session_that_is_there_says_in_what_it_differs_from_what_was_asked()
    {
        await using var node = await SandboxNode.StartAsync();
        var client = await node.ConnectAsync();
        await client.CreateAsync("""{"session":"work","environment":{"A":"1"},"labels":{"team":"red"}}""");
        var again = await client.CreateAsync("""{"session":"work","environment":{"A":"2"},"labels":{"team":"red"},"user":"root","limits":{"pids":9},"ttl_seconds":77}""");
        Assert.Equal(["limits.pids", "environment", "user", "ttl_seconds"], again.Differs!);
        Assert.Equal("1", again.Session.Environment!["A"]);
    }

    [Fact]
    public async Task Without_a_name_each_is_another()
    {
        await using var node = await SandboxNode.StartAsync();
        var client = await node.ConnectAsync();
        var (one, other) = (await client.CreateAsync(), await client.CreateAsync());
        Assert.True(one.Created && other.Created);
        Assert.NotEqual(one.Session.Session, other.Session.Session);
        Assert.Equal("s-" + one.Session.Id, one.Session.Session);
    }

    [Fact]
    public async Task All_who_ask_at_once_get_the_same_session()
    {
        await using var node = await SandboxNode.StartAsync();
        var gate = new TaskCompletionSource();
        node.Engine.Gate = gate.Task;
        var capability = node.Grant();
        var clients = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => node.ConnectAsync(capability)));
        var asked = clients.Select(c => c.CreateAsync("""{"session":"one"}""")).ToArray();
        await Patience.UntilAsync(() => node.Engine.Asked == 1);
        gate.SetResult();
        var answers = await Task.WhenAll(asked).Soon();
        Assert.Single(answers, a => a.Created);
        Assert.Single(answers.Select(a => a.Session.Id).Distinct());
        Assert.Equal(1, node.Engine.Made);
    }

    [Fact]
    public async Task What_is_asked_for_reaches_the_engine()
    {
        await using var node = await SandboxNode.StartAsync();
        var client = await node.ConnectAsync();
        await client.CreateAsync("""
            {"session":"x","network":"proxy","hostname":"box-1","user":"root","user_namespaces":true,"environment":{"A":"1"},"secrets":{"KEY":"hunter2"},
             "limits":{"memory_bytes":1048576,"cpus":0.25,"pids":7,"disk_bytes":2097152,"open_files":64,"output_bytes":4096}}
            """);
        var plan = Assert.Single(node.Engine.Alive).Plan;
        Assert.Equal(new SandboxLimits(1048576, 0.25, 7, 2097152, 64), plan.Limits);
        Assert.Equal(("proxy", "box-1", 0, true), (plan.Network, plan.Hostname, plan.User, plan.AllowsUserNamespaces));
        Assert.Empty(plan.Layers);
        var session = node.Sessions.Table.All().Single().Session!;
        Assert.Equal(("1", "hunter2", 4096), (session.Environment["A"], session.Environment["KEY"], session.Terms.OutputBytes));
    }

    [Theory]
    [InlineData("""{"session":"a/b"}""", "session")]
    [InlineData("""{"session":".hidden"}""", "session")]
    [InlineData("""{"session":"a\u0000b"}""", "session")]
    [InlineData("""{"session":"\u00e4"}""", "session")]
    [InlineData("""{"workspace":"../x"}""", "workspace")]
    [InlineData("""{"shared_workspace":true}""", "shared_workspace")]
    [InlineData("""{"hostname":"-x"}""", "hostname")]
    [InlineData("""{"hostname":"A"}""", "hostname")]
    [InlineData("""{"environment":{"1A":"x"}}""", "environment")]
    [InlineData("""{"environment":{"A=B":"x"}}""", "environment")]
    [InlineData("""{"environment":{"A":"x\u0000y"}}""", "environment")]
    [InlineData("""{"environment":{"A":"x"},"secrets":{"A":"y"}}""", "secrets")]
    [InlineData("""{"labels":{"a b":"x"}}""", "labels")]
    [InlineData("""{"labels":{"a":"<"}}""", "labels")]
    [InlineData("""{"engine":"other"}""", "engine")]
    [InlineData("""{"image":"../etc"}""", "image")]
    [InlineData("""{"limits":{"cpus":0}}""", "limits.cpus")]
    [InlineData("""{"limits":{"cpus":4.1}}""", "limits.cpus")]
    [InlineData("""{"limits":{"memory_bytes":4294967297}}""", "limits.memory_bytes")]
    [InlineData("""{"limits":{"pids":4097}}""", "limits.pids")]
    [InlineData("""{"ttl_seconds":86401}""", "ttl_seconds")]
    public async Task What_does_not_fit_is_named_and_nothing_is_made(string json, string field)
    {
        await using var node = await SandboxNode.StartAsync();
        var client = await node.ConnectAsync();
        var error = await client.ErrorAsync("create", json, ErrorCode.InvalidArgument, null);
        Assert.Contains(error.Details, d => d is { Key: "field" } && d.Value == field);
        Assert.Equal((0, 0), (node.Engine.Asked, node.Sessions.Table.Count));
        Assert.Empty(Directory.EnumerateFileSystemEntries(node.SessionsDirectory));
    }

    [Fact]
    public async Task What_fits_just_so_is_given()
    {
        await using var node = await SandboxNode.StartAsync();
        var client = await node.ConnectAsync();
        var name = new string('a', SessionRequest.MaxNameChars);
        var made = await client.CreateAsync($$$"""{"session":"{{{name}}}","ttl_seconds":86400,"limits":{"cpus":4,"pids":4096,"memory_bytes":4294967296}}""");
        Assert.Equal(name, made.Session.Session);
    }

    [Fact]
    public async Task More_variables_than_may_be_are_refused()
    {
        await using var node = await SandboxNode.StartAsync();
        var client = await node.ConnectAsync();
        string Of(int bytes) => JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["environment"] = Enumerable.Range(0, 16).ToDictionary(i => $"V{i:x}", i => new string('x', 4092)), ["secrets"] = new Dictionary<string, string> { ["S"] = new('y', bytes) },
        });
        // Sixteen of 4096 bytes fill the bound to the last byte.
        await client.ErrorAsync("create", Of(0), ErrorCode.InvalidArgument, null);
        await client.CreateAsync(JsonSerializer.Serialize(new { environment = Enumerable.Range(0, 16).ToDictionary(i => $"V{i:x}", i => new string('x', 4092)) }));
    }

    [Fact]
    public async Task An_engine_that_cannot_says_why_and_nothing_is_left()
    {
        await using var node = await SandboxNode.StartAsync();
        var client = await node.ConnectAsync();
        node.Engine.Broken = "bubblewrap is missing; install the package bubblewrap";
        var error = await client.ErrorAsync("create", """{"session":"x"}""", ErrorCode.Unavailable, "sandbox_unavailable");
        Assert.Contains("install the package bubblewrap", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(node.SessionsDirectory));
        node.Engine.Broken = null;
        Assert.True((await client.CreateAsync("""{"session":"x"}""")).Created);
    }

    [Fact]
    public async Task Limits_that_must_be_held_for_all_processes_are_not_held_one_by_one()
    {
        await using var node = await SandboxNode.StartAsync();
        var client = await node.ConnectAsync();
        node.Engine.EnforcedBy = "rlimit";
        await client.ErrorAsync("create", """{"session":"x","require_limits":true}""", ErrorCode.Unavailable, "limits_unavailable");
        Assert.Empty(node.Engine.Alive);
        Assert.Equal("rlimit", (await client.CreateAsync("""{"session":"x"}""")).Session.EnforcedBy);
    }

    [Fact]
    public async Task A_limit_that_nothing_can_hold_and_nobody_asked_for_is_left_out_and_that_is_said()
    {
        await using var node = await SandboxNode.StartAsync();
        var client = await node.ConnectAsync();
        node.Engine.NotEnforced = ["cpus"];

        var made = (await client.CreateAsync("""{"session":"x"}""")).Session;

        Assert.Equal(["cpus"], made.NotEnforced);
        Assert.Null(made.Limits.Cpus);
        Assert.NotNull(made.Limits.MemoryBytes);
        Assert.Null(Assert.Single(node.Engine.Alive).Plan.Limits.Cpus);
        Assert.Equal(["limits.cpus"], (await client.CreateAsync("""{"session":"x","limits":{"cpus":1}}""")).Differs);
        Assert.Null((await client.CreateAsync("""{"session":"x"}""")).Differs);
    }

    [Fact]
    public async Task A_limit_that_can_be_held_again_is_held_when_the_session_comes_back()
    {
        await using var node = await SandboxNode.StartAsync();
        node.Engine.NotEnforced = ["cpus"];
        await (await node.ConnectAsync()).CreateAsync("""{"session":"x"}""");
        node.Engine.NotEnforced = [];
        await node.RestartAsync();

        var back = await (await node.ConnectAsync()).InfoAsync("x");

        Assert.Null(back.NotEnforced);
        Assert.Equal(1, back.Limits.Cpus);
    }

    [Theory]
    [InlineData("""{"session":"x","limits":{"cpus":1}}""", null)]
    [InlineData("""{"session":"x","require_limits":true}""", null)]
    [InlineData("""{"session":"x"}""", 500L)]
    public async Task A_limit_that_nothing_can_hold_is_refused_to_whoever_must_have_it(string wish, long? boundMillis)
    {
        await using var node = await SandboxNode.StartAsync();
        var client = await node.ConnectAsync(node.Grant(bounds: Strata.Policy.SandboxBounds.None with { MaxCpuMillis = boundMillis }));
        node.Engine.NotEnforced = ["cpus"];

        await client.ErrorAsync("create", wish, ErrorCode.Unavailable, "limits_unavailable");

        Assert.Empty(node.Engine.Alive);
        Assert.Empty(Directory.EnumerateFileSystemEntries(node.SessionsDirectory));
    }

    [Fact]
    public async Task Unknown_images_workspaces_and_networks_are_refused_by_name()
    {
        await using var node = await SandboxNode.StartAsync();
        var client = await node.ConnectAsync();
        await client.ErrorAsync("create", """{"image":"python:3.12"}""", ErrorCode.NotFound, "image_not_found");
        await client.ErrorAsync("create", """{"network":"host"}""", ErrorCode.Unavailable, "network_unavailable");
        await client.ErrorAsync("create", """{"network":"bridge"}""", ErrorCode.Unavailable, "network_unavailable");
        Assert.Empty(node.Engine.Alive);
    }

    [Fact]
    public async Task A_caller_who_leaves_takes_what_is_being_made_along()
    {
        await using var node = await SandboxNode.StartAsync();
        node.Engine.Gate = new TaskCompletionSource().Task;
        var client = await node.ConnectAsync();
        var asked = client.CallAsync("create", """{"session":"x"}""");
        await Patience.UntilAsync(() => node.Engine.Asked == 1);
        await client.DisposeAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => asked);
        await Patience.UntilAsync(() => node.Sessions.Table.Count == 0 && !Directory.EnumerateFileSystemEntries(node.SessionsDirectory).Any());
        node.Engine.Gate = Task.CompletedTask;
        Assert.True((await (await node.ConnectAsync()).CreateAsync("""{"session":"x"}""")).Created);
    }
}
