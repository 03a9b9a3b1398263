using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Sandbox.Tests;

public sealed class RestartTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sessions_come_back_with_their_files_and_say_so(bool crash)
    {
        await using var node = await SandboxNode.StartAsync();
        var client = await node.ConnectAsync();
        var made = (await client.CreateAsync("""{"session":"x","environment":{"A":"1"},"secrets":{"KEY":"hunter2"},"labels":{"a":"b"},"ttl_seconds":60,"limits":{"pids":9}}""")).Session;
        var changes = node.Engine.Alive.Single().Plan.ChangesDirectory;
        File.WriteAllText(Path.Combine(changes, "kept"), "yes");
        node.Clock.Advance(TimeSpan.FromSeconds(30));
        await (crash ? node.CrashAsync() : node.RestartAsync());
        Assert.Contains(made.Id, node.Engine.Cleaned);
        var back = await (await node.ConnectAsync()).InfoAsync("x");
        Assert.Equal((made.Id, made.Created, true, true, "restarted"), (back.Id, back.Created, back.Restored, back.SecretsLost, back.Reason));
        Assert.Equal(("1", "b", 9, 60), (back.Environment!["A"], back.Labels!["a"], back.Limits.Pids, back.TtlSeconds));
        var sandbox = Assert.Single(node.Engine.Alive);
        Assert.Equal("yes", File.ReadAllText(Path.Combine(sandbox.Plan.ChangesDirectory, "kept")));
        // Its time begins anew, and its longest lifetime does not.
        Assert.Equal("2030-01-01T12:01:30.000Z", back.Expires);
        Assert.Equal(made.EndsAt, back.EndsAt);
        Assert.False(node.Sessions.Table.All().Single().Session!.Environment.ContainsKey("KEY"));
        Assert.Null(back.FilesLost);
    }

    [Fact]
    public async Task What_lay_in_memory_is_said_to_be_lost()
    {
        await using var node = await SandboxNode.StartAsync();
        var made = await (await node.ConnectAsync()).CreateAsync("""{"session":"x","limits":{"disk_bytes":1048576}}""");
        Assert.Null(made.Session.FilesLost);
        await node.CrashAsync();
        Assert.True((await (await node.ConnectAsync()).InfoAsync("x")).FilesLost);
    }

    [Fact]
    public async Task Nothing_of_a_secret_is_on_disk()
    {
        await using var node = await SandboxNode.StartAsync();
        await (await node.ConnectAsync()).CreateAsync("""{"session":"x","secrets":{"KEY":"hunter2"}}""");
        var record = File.ReadAllText(Assert.Single(Directory.EnumerateFiles(node.SessionsDirectory, "session.json", SearchOption.AllDirectories)));
        Assert.Contains("KEY", record, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", record, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_not_written_whole_never_was_and_what_is_damaged_is_left_to_look_at()
    {
        await using var node = await SandboxNode.StartAsync();
        var client = await node.ConnectAsync();
        var (good, bad) = ((await client.CreateAsync()).Session, (await client.CreateAsync()).Session);
        Directory.CreateDirectory(Path.Combine(node.SessionsDirectory, "0123456789abcdef"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.CreateDirectory(Path.Combine(node.SessionsDirectory, ".gone-fedcba9876543210", "changes"));
        File.WriteAllText(Path.Combine(node.SessionsDirectory, bad.Id, "session.json"), "{\"version\":1,");
        await node.CrashAsync();
        Assert.Equal(new[] { good.Id, bad.Id }.Order(), Directory.EnumerateDirectories(node.SessionsDirectory).Select(Path.GetFileName).Order());
        Assert.Contains("0123456789abcdef", node.Engine.Cleaned);
        Assert.Equal(good.Id, Assert.Single(node.Engine.Alive).Plan.Id);
    }

    [Fact]
    public async Task What_cannot_be_made_anew_is_lost_until_it_is_closed_replaced_or_expired()
    {
        await using var node = await SandboxNode.StartAsync();
        var client = await node.ConnectAsync();
        foreach (var name in new[] { "closed", "replaced", "expired" })
        {
            await client.CreateAsync($$"""{"session":"{{name}}","ttl_seconds":60}""");
        }

        node.Engine.Broken = "there is no engine";
        await node.CrashAsync();
        client = await node.ConnectAsync();
        Assert.Equal(("lost", "there is no engine", null), await StateAsync(client, "closed"));
        foreach (var method in new[] { "stats", "touch", "pause", "resume" })
        {
            Assert.Contains("there is no engine", (await client.ErrorAsync(method, """{"session":"closed"}""", ErrorCode.Unavailable, "session_lost")).Message, StringComparison.Ordinal);
        }

        Assert.Equal("closed", await client.StatusAsync("close", "closed"));
        node.Engine.Broken = null;
        Assert.True((await client.CreateAsync("""{"session":"replaced"}""")).Created);
        node.Clock.Advance(TimeSpan.FromSeconds(60));
        await node.Sessions.ReapOnceAsync();
        Assert.Equal(["replaced"], (await client.GetAsync("list", "{}", ContractsJson.Default.SandboxList)).Sessions.Select(s => s.Session));
        Assert.Single(Directory.EnumerateDirectories(node.SessionsDirectory));

        static async Task<(string, string?, bool?)> StateAsync(SandboxClient client, string name)
        {
            var info = await client.InfoAsync(name);
            return (info.State, info.Reason, info.Restored);
        }
    }

    [Fact]
    public async Task What_was_revoked_or_became_too_old_meanwhile_does_not_come_back()
    {
        await using var node = await SandboxNode.StartAsync();
        var capability = node.Grant("mallory");
        await (await node.ConnectAsync(capability)).CreateAsync("""{"session":"x"}""");
        var made = node.Engine.Made;
        node.Revocations.Add(new Strata.Policy.RevokedCapability(capability.Claims.CapabilityId, capability.Claims.ExpiresAt));
        await node.CrashAsync();
        await Patience.UntilAsync(() => node.Sessions.Table.Count == 0 && !Directory.EnumerateFileSystemEntries(node.SessionsDirectory).Any());
        Assert.Equal(made, node.Engine.Made);
        await (await node.ConnectAsync()).CreateAsync("""{"session":"old"}""");
        node.Clock.Advance(TimeSpan.FromDays(1));
        await node.CrashAsync();
        Assert.Equal((0, 0), (node.Sessions.Table.Count, Directory.EnumerateFileSystemEntries(node.SessionsDirectory).Count()));
        Assert.Empty(node.Engine.Alive);
    }

    [Fact]
    public async Task A_session_whose_sandbox_ends_by_itself_gets_another_until_that_happens_too_often()
    {
        await using var node = await SandboxNode.StartAsync();
        var client = await node.ConnectAsync();
        await client.CreateAsync("""{"session":"x"}""");
        var slot = node.Sessions.Table.All().Single();
        for (var i = 0; i < SessionLife.MaxRestarts; i++)
        {
            var before = slot.Session!;
            node.Engine.Alive.Single().Kill();
            await Patience.UntilAsync(() => slot.Session is { } now && now != before);
            var info = await client.InfoAsync("x");
            Assert.Equal(("running", true, "ended"), (info.State, info.Restored, info.Reason));
            Assert.Equal("session_not_found", Assert.Throws<SandboxException>(() => before.Use()).Reason);
        }

        node.Engine.Alive.Single().Kill();
        await Patience.UntilAsync(() => slot.Lost is not null);
        await client.ErrorAsync("stats", """{"session":"x"}""", ErrorCode.Unavailable, "session_lost");
        Assert.Empty(node.Engine.Alive);
    }

    [Fact]
    public async Task A_sandbox_is_exchanged_with_nothing_running_in_between()
    {
        await using var node = await SandboxNode.StartAsync();
        var client = await node.ConnectAsync();
        await client.CreateAsync("""{"session":"x"}""");
        var session = node.Sessions.Table.All().Single().Session!;
        var next = await node.Sessions.RemakeAsync(session, (changes, _) =>
        {
            Assert.Empty(node.Engine.Alive);
            File.WriteAllText(Path.Combine(changes, "restored"), "");
            return Task.CompletedTask;
        }, CancellationToken.None).Soon();
        Assert.NotSame(session, next);
        Assert.True(File.Exists(Path.Combine(Assert.Single(node.Engine.Alive).Plan.ChangesDirectory, "restored")));
        Assert.Equal("remade", (await client.InfoAsync("x")).Reason);
        // Whoever fails to prepare leaves a session behind all the same.
        await Assert.ThrowsAsync<IOException>(() => node.Sessions.RemakeAsync(next, (_, _) => throw new IOException("no"), CancellationToken.None)).Soon();
        Assert.Equal("running", (await client.InfoAsync("x")).State);
    }

    [Fact]
    public async Task Events_tell_what_becomes_of_ones_own_sessions()
    {
        await using var node = await SandboxNode.StartAsync();
        var client = await node.ConnectAsync();
        var other = await node.ConnectAsync(node.Grant("bob"));
        using var stop = new CancellationTokenSource();
        var told = new List<SandboxEvent>();
        var watching = new TaskCompletionSource();
        var following = Task.Run(async () =>
        {
            await foreach (var item in (await node.ConnectAsync()).StreamAsync("events", "{}", stop.Token))
            {
                told.Add(item.Get(ContractsJson.Default.SandboxEvent));
                watching.TrySetResult();
                if (told[^1] is { Kind: "closed", Session: "x" })
                {
                    return;
                }
            }
        });
        await watching.Task.Soon();
        await other.CreateAsync("""{"session":"theirs"}""");
        await client.CreateAsync("""{"session":"x"}""");
        await client.StatusAsync("pause", "x");
        await client.StatusAsync("resume", "x");
        await client.StatusAsync("close", "x");
        await following.Soon();
        Assert.Equal([("watching", null), ("created", "x"), ("paused", "x"), ("resumed", "x"), ("closed", "x")], told.Select(e => (e.Kind, e.Session)));
        Assert.All(told, e => Assert.Null(e.Owner));
        Assert.Equal("requested", told[^1].Reason);
        await Patience.UntilAsync(() => node.Sessions.Events.Count == 0);
    }

    [Fact]
    public async Task Who_is_too_slow_for_events_is_told_that_some_are_missed()
    {
        await using var node = await SandboxNode.StartAsync();
        using var stop = new CancellationTokenSource();
        await using var events = node.Sessions.Events.Follow("alice", null, stop.Token).GetAsyncEnumerator(stop.Token);
        Assert.True(await events.MoveNextAsync());
        for (var i = 0; i <= SessionEvents.MaxPending; i++)
        {
            node.Sessions.Events.Tell("created", new SessionKey("alice", "x"));
        }

        for (var i = 0; i < SessionEvents.MaxPending; i++)
        {
            Assert.True(await events.MoveNextAsync());
            Assert.Equal("created", events.Current.Kind);
        }

        Assert.True(await events.MoveNextAsync());
        Assert.Equal("missed", events.Current.Kind);
    }

    [Fact]
    public async Task No_more_follow_events_than_may()
    {
        await using var node = await SandboxNode.StartAsync(options: o => o with { MaxWatchers = 1 });
        var client = await node.ConnectAsync();
        using var stop = new CancellationTokenSource();
        await using var first = client.StreamAsync("events", "{}", stop.Token).GetAsyncEnumerator(stop.Token);
        Assert.True(await first.MoveNextAsync());
        await client.ErrorAsync("events", "{}", ErrorCode.ResourceExhausted, "too_many_watchers");
    }
}
