using Strata.Contracts;
using Strata.Ipc;
using Strata.Policy;

namespace Strata.Sandbox.Tests;

public sealed class OwnerTests
{
    private static readonly string[] OfOne = ["get", "stats", "touch", "pause", "resume", "close"];

    [Fact]
    public async Task Nobody_reaches_the_session_of_another_by_name_or_id()
    {
        await using var node = await SandboxNode.StartAsync();
        var alice = await node.ConnectAsync(node.Grant("alice"));
        var mallory = await node.ConnectAsync(node.Grant("mallory"));
        var made = (await alice.CreateAsync("""{"session":"work"}""")).Session;
        foreach (var name in new[] { "work", made.Id, "Work", "nobody" })
        {
            foreach (var method in OfOne)
            {
                var error = await mallory.ErrorAsync(method, $$"""{"session":"{{name}}"}""", ErrorCode.NotFound, "session_not_found");
                // Absent and foreign are told alike, to the last letter.
                Assert.Equal(SandboxSession.NotFound().Message, error.Message);
            }
        }

        Assert.Empty((await mallory.GetAsync("list", "{}", ContractsJson.Default.SandboxList)).Sessions);
        Assert.Equal("running", (await alice.InfoAsync("work")).State);
    }

    [Fact]
    public async Task Names_of_owners_and_sessions_are_never_joined_and_never_folded()
    {
        await using var node = await SandboxNode.StartAsync();
        var ids = new HashSet<string>();
        foreach (var (subject, name) in new[] { ("a", "b-c"), ("a/b", "c"), ("a:b", "c"), ("a_b", "c"), ("a", "c"), ("A", "c"), ("a", "C"), ("a.b", "c") })
        {
            var client = await node.ConnectAsync(node.Grant(subject));
            Assert.True((await client.CreateAsync($$"""{"session":"{{name}}"}""")).Created);
            Assert.True(ids.Add((await client.InfoAsync(name)).Id));
        }
    }

    [Fact]
    public async Task Who_derives_a_capability_with_the_subject_of_another_does_not_get_its_sessions()
    {
        await using var node = await SandboxNode.StartAsync();
        var alice = await node.ConnectAsync(node.Grant("alice"));
        await alice.CreateAsync("""{"session":"work"}""");
        var posing = await node.ConnectAsync(node.Derive(node.Grant("mallory"), "alice"));
        await posing.ErrorAsync("get", """{"session":"work"}""", ErrorCode.NotFound, "session_not_found");
        Assert.Equal("mallory>alice", (await posing.CreateAsync("""{"session":"work"}""")).Session.Owner);
        var nameless = await node.ConnectAsync(node.Derive(node.Derive(node.Grant("mallory"), CapabilityNames.AnonymousSubject), "alice"));
        Assert.Equal("mallory>capability>alice", (await nameless.CreateAsync()).Session.Owner);
    }

    [Fact]
    public async Task A_derived_subject_has_sessions_of_its_own_and_one_without_has_those_it_came_from()
    {
        await using var node = await SandboxNode.StartAsync();
        var root = node.Grant("alice");
        var alice = await node.ConnectAsync(root);
        await alice.CreateAsync("""{"session":"work"}""");
        var agent = await node.ConnectAsync(node.Derive(root, "agent"));
        await agent.ErrorAsync("get", """{"session":"work"}""", ErrorCode.NotFound, "session_not_found");
        var same = await node.ConnectAsync(node.Derive(node.Derive(root)));
        Assert.Equal("alice", (await same.InfoAsync("work")).Owner);
    }

    [Fact]
    public async Task Capabilities_for_nobody_in_particular_share_nothing()
    {
        await using var node = await SandboxNode.StartAsync();
        var one = node.Grant(CapabilityNames.AnonymousSubject);
        var first = await node.ConnectAsync(one);
        var second = await node.ConnectAsync(node.Grant(CapabilityNames.AnonymousSubject));
        await first.CreateAsync("""{"session":"work"}""");
        await second.ErrorAsync("get", """{"session":"work"}""", ErrorCode.NotFound, "session_not_found");
        var derived = await node.ConnectAsync(node.Derive(one));
        Assert.Equal("#" + one.Claims.CapabilityId, (await derived.InfoAsync("work")).Owner);
        // A subject cannot be written so that it is another's id.
        Assert.False(CapabilityNames.IsIdentifier("#" + one.Claims.CapabilityId));
        Assert.False(CapabilityNames.IsIdentifier("a>b"));
    }

    [Fact]
    public async Task Everybodys_sessions_are_listed_with_a_right_of_its_own_alone()
    {
        await using var node = await SandboxNode.StartAsync();
        await (await node.ConnectAsync(node.Grant("alice"))).CreateAsync("""{"session":"a","environment":{"A":"1"},"secrets":{"B":"2"}}""");
        var bob = await node.ConnectAsync(node.Grant("bob"));
        await bob.CreateAsync("""{"session":"b"}""");
        await bob.ErrorAsync("list", """{"all":true}""", ErrorCode.PermissionDenied, "right_missing");
        await bob.ErrorAsync("events", """{"all":true}""", ErrorCode.PermissionDenied, "right_missing");
        var operators = await node.ConnectAsync(node.Grant("operator", ["sandbox.create", "sandbox.list_all"]));
        var all = await operators.GetAsync("list", """{"all":true}""", ContractsJson.Default.SandboxList);
        Assert.Equal([("alice", "a"), ("bob", "b")], all.Sessions.Select(s => (s.Owner, s.Session)).Order());
        Assert.All(all.Sessions, s => Assert.True(s is { Environment: null, Secrets: null }));
        await operators.ErrorAsync("close", """{"session":"a"}""", ErrorCode.NotFound, "session_not_found");
    }

    [Fact]
    public async Task Lists_come_in_pages_and_by_label()
    {
        await using var node = await SandboxNode.StartAsync();
        var client = await node.ConnectAsync();
        for (var i = 0; i < 5; i++)
        {
            await client.CreateAsync($$$"""{"session":"s{{{i}}}","labels":{"odd":"{{{i % 2}}}"}}""");
        }

        var names = new List<string>();
        string? cursor = null;
        do
        {
            var page = await client.GetAsync("list", cursor is null ? """{"limit":2}""" : $$"""{"limit":2,"cursor":"{{cursor}}"}""", ContractsJson.Default.SandboxList);
            Assert.True(page.Sessions.Count is 1 or 2);
            names.AddRange(page.Sessions.Select(s => s.Session));
            cursor = page.Next;
        }
        while (cursor is not null);
        Assert.Equal(["s0", "s1", "s2", "s3", "s4"], names.Order(StringComparer.Ordinal));
        Assert.Equal(2, (await client.GetAsync("list", """{"labels":{"odd":"1"}}""", ContractsJson.Default.SandboxList)).Sessions.Count);
    }
}
