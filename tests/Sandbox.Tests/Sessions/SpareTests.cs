using Strata.Contracts;

namespace Strata.Sandbox.Tests;

/// <summary>Sandboxes that are made before anybody asks for them.</summary>
public sealed class SpareTests
{
    private const int Most = 2;

    [Fact]
    public async Task The_next_session_like_the_last_has_a_sandbox_that_was_there_and_another_is_made()
    {
        await using var node = await StartAsync();
        var client = await ClientOfFirstAsync(node);
        var spares = node.Engine.Alive.Select(sandbox => sandbox.Plan.Id).ToHashSet();

        var two = await client.CreateAsync("""{"session":"two","environment":{"A":"1"},"labels":{"a":"b"}}""");

        Assert.True(two.Created);
        Assert.Contains(two.Session.Id!, spares);
        await Patience.UntilAsync(() => node.Engine.Alive.Count == 2 + Most);
        Assert.Equal("closed", await client.StatusAsync("close", "two"));
        Assert.Equal(1 + Most, Directory.GetDirectories(node.SessionsDirectory).Length);
        Assert.Single((await client.GetAsync("list", "{}", ContractsJson.Default.SandboxList)).Sessions);
    }

    [Theory]
    [InlineData(""","limits":{"pids":9}""")]
    [InlineData(""","hostname":"other" """)]
    [InlineData(""","user":"root" """)]
    [InlineData(""","user_namespaces":true""")]
    [InlineData(""","network":"proxy" """)]
    public async Task Whoever_asks_for_another_one_is_given_none_of_them_and_then_they_are_like_that(string wish)
    {
        await using var node = await StartAsync();
        var client = await ClientOfFirstAsync(node);
        var spares = node.Engine.Alive.Select(sandbox => sandbox.Plan.Id).ToHashSet();

        var two = await client.CreateAsync($$"""{"session":"two"{{wish}}}""");

        Assert.DoesNotContain(two.Session.Id!, spares);
        var plan = node.Engine.Alive.Single(sandbox => sandbox.Plan.Id == two.Session.Id).Plan;
        await Patience.UntilAsync(() => node.Engine.Alive.Count(sandbox => sandbox.Plan with { Id = plan.Id, ChangesDirectory = plan.ChangesDirectory, Layers = plan.Layers } == plan) == 1 + Most);
        Assert.Equal(2 + Most, node.Engine.Alive.Count);
    }

    [Fact]
    public async Task Whoever_has_a_workspace_or_forks_has_a_sandbox_made_for_that()
    {
        using var engine = new BubblewrapEngine();
        await using var node = await SandboxNode.StartAsync(engine, options => options with { WarmSandboxes = 1 }, TimeProvider.System);
        var client = await node.ConnectAsync(node.Grant(rights: [.. SandboxNode.AllRights, "sandbox.workspace", "sandbox.snapshot"]));
        await client.CreateAsync("""{"session":"first"}""");
        await Patience.UntilAsync(() => Directory.GetDirectories(node.SessionsDirectory).Length == 2);

        await client.CreateAsync("""{"session":"s","workspace":"w"}""");
        Assert.Equal("", (await client.RunAsync("echo kept > /workspace/kept; echo changed > ~/changed")).Output);
        Assert.Equal("kept\n", File.ReadAllText(Directory.EnumerateFiles(Path.Combine(node.SessionsDirectory, "../workspaces"), "kept", SearchOption.AllDirectories).Single()));
        Assert.Null((await client.CallAsync("snapshot", """{"session":"s","snapshot":"snap"}""")).Error);
        Assert.Equal("closed", await client.StatusAsync("close", "s"));
        Assert.Null((await client.CallAsync("fork", """{"snapshot":"snap","session":"s"}""")).Error);

        Assert.Equal("changed\n", (await client.RunAsync("cat ~/changed; ls /workspace")).Output);
    }

    [Fact]
    public async Task One_that_has_ended_is_given_to_nobody()
    {
        await using var node = await StartAsync();
        var client = await ClientOfFirstAsync(node);
        var session = node.Sessions.Table.All().Single().Record.Id;
        var dead = node.Engine.Alive.Where(sandbox => sandbox.Plan.Id != session).ToList();
        dead.ForEach(sandbox => sandbox.Kill());

        var two = await client.CreateAsync("""{"session":"two"}""");

        Assert.DoesNotContain(two.Session.Id, dead.Select(sandbox => sandbox.Plan.Id));
        await Patience.UntilAsync(() => node.Engine.Alive.Count == 2 + Most && !node.Engine.Alive.Any(dead.Contains));
    }

    [Fact]
    public async Task They_end_with_the_service_and_what_a_crash_leaves_of_them_is_cleared_away()
    {
        await using var node = await StartAsync();
        _ = await ClientOfFirstAsync(node);
        var spares = node.Engine.Alive.Select(sandbox => sandbox.Plan.Id).Where(id => id != node.Sessions.Table.All().Single().Record.Id).ToList();

        await node.CrashAsync();

        Assert.All(spares, id => Assert.False(Directory.Exists(Path.Combine(node.SessionsDirectory, id))));
        Assert.All(spares, id => Assert.Contains(id, node.Engine.Cleaned));
        var client = await node.ConnectAsync();
        await client.CreateAsync("""{"session":"two"}""");
        await Patience.UntilAsync(() => node.Engine.Alive.Count == 2 + Most);
        await node.RestartAsync();
        Assert.Equal(2, node.Engine.Alive.Count);
        Assert.Equal(2, Directory.GetDirectories(node.SessionsDirectory).Length);
    }

    [Fact]
    public async Task A_session_in_one_has_all_that_another_has()
    {
        using var engine = new BubblewrapEngine();
        await using var node = await SandboxNode.StartAsync(engine, options => options with { WarmSandboxes = 1 }, TimeProvider.System);
        var client = await node.ConnectAsync();
        await client.CreateAsync("""{"session":"first"}""");
        await Patience.UntilAsync(() => Directory.GetDirectories(node.SessionsDirectory).Length == 2);

        await client.CreateAsync("""{"session":"s","environment":{"A":"1"},"secrets":{"KEY":"hidden"}}""");

        Assert.Equal("1 hidden /workspace\n", (await client.RunAsync("echo kept > kept; echo $A $KEY $PWD")).Output);
        await node.RestartAsync();
        client = await node.ConnectAsync();
        Assert.Equal("kept\n", (await client.RunAsync("cat kept")).Output);
        Assert.Equal("closed", await client.StatusAsync("close", "s"));
    }

    private static async Task<SandboxClient> ClientOfFirstAsync(SandboxNode node)
    {
        var client = await node.ConnectAsync();
        await client.CreateAsync("""{"session":"one"}""");
        await Patience.UntilAsync(() => node.Engine.Alive.Count == 1 + Most);
        return client;
    }

    private static Task<SandboxNode> StartAsync() => SandboxNode.StartAsync(options: options => options with { WarmSandboxes = Most });
}
