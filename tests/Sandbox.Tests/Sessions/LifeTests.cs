using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Sandbox.Tests;

public sealed class LifeTests
{
    [Theory]
    [InlineData(59, 0, false, null)]
    [InlineData(60, 0, false, "expired")]
    [InlineData(60, 0, true, null)]
    [InlineData(0, 3599, true, null)]
    [InlineData(0, 3600, true, "too_old")]
    [InlineData(60, 3600, false, "too_old")]
    public void A_session_is_over_when_it_is_not_used_or_too_old(int idle, int age, bool inUse, string? why) =>
        Assert.Equal(why, SessionLife.Over(TimeSpan.FromSeconds(idle), TimeSpan.FromSeconds(age), inUse, TimeSpan.FromMinutes(1), TimeSpan.FromHours(1)));

    [Fact]
    public void A_sandbox_that_ends_by_itself_over_and_over_gets_no_successor()
    {
        Assert.True(SessionLife.MayRestart([TimeSpan.Zero, TimeSpan.Zero]));
        Assert.False(SessionLife.MayRestart([TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromSeconds(59)]));
        Assert.True(SessionLife.MayRestart([TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromMinutes(1)]));
    }

    [Fact]
    public async Task Use_slides_the_end_of_a_session_as_far_as_its_longest_lifetime()
    {
        await using var node = await SandboxNode.StartAsync(options: o => o with { MaxLifetimeSeconds = 300 });
        var client = await node.ConnectAsync();
        var made = (await client.CreateAsync("""{"session":"x","ttl_seconds":100}""")).Session;
        Assert.Equal(("2030-01-01T12:01:40.000Z", "2030-01-01T12:05:00.000Z"), (made.Expires, made.EndsAt));
        for (var i = 0; i < 3; i++)
        {
            node.Clock.Advance(TimeSpan.FromSeconds(90));
            Assert.Equal(0, await node.Sessions.ReapOnceAsync());
            await client.GetAsync("touch", """{"session":"x"}""", ContractsJson.Default.SandboxTouchResult);
        }

        Assert.Equal("2030-01-01T12:05:00.000Z", (await client.InfoAsync("x")).Expires);
        node.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(1, await node.Sessions.ReapOnceAsync());
        await client.ErrorAsync("get", """{"session":"x"}""", ErrorCode.NotFound, "session_not_found");
        Assert.Empty(node.Engine.Alive);
    }

    [Fact]
    public async Task Looking_at_a_session_is_no_use_of_it_and_working_with_it_is()
    {
        await using var node = await SandboxNode.StartAsync();
        var client = await node.ConnectAsync();
        await client.CreateAsync("""{"session":"looked","ttl_seconds":60}""");
        await client.CreateAsync("""{"session":"used","ttl_seconds":60}""");
        var session = node.Sessions.Table.Find(new SessionKey("alice", "used"))!.Session!;
        using (session.Use())
        {
            node.Clock.Advance(TimeSpan.FromSeconds(60));
            await client.GetAsync("stats", """{"session":"looked"}""", ContractsJson.Default.SandboxStats);
            await client.InfoAsync("looked");
            Assert.Equal(1, await node.Sessions.ReapOnceAsync());
        }

        // The end of a use counts as use too.
        node.Clock.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(0, await node.Sessions.ReapOnceAsync());
        node.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, await node.Sessions.ReapOnceAsync());
    }

    [Fact]
    public async Task Touch_changes_how_long_a_session_stays_without_use()
    {
        await using var node = await SandboxNode.StartAsync();
        var client = await node.ConnectAsync();
        await client.CreateAsync("""{"session":"x","ttl_seconds":60}""");
        var touched = await client.GetAsync("touch", """{"session":"x","ttl_seconds":120}""", ContractsJson.Default.SandboxTouchResult);
        Assert.Equal("2030-01-01T12:02:00.000Z", touched.Expires);
        await client.ErrorAsync("touch", """{"session":"x","ttl_seconds":86401}""", ErrorCode.InvalidArgument, null);
        await node.CrashAsync();
        Assert.Equal(120, (await (await node.ConnectAsync()).InfoAsync("x")).TtlSeconds);
    }

    [Fact]
    public async Task The_reaper_runs_by_itself()
    {
        await using var node = await SandboxNode.StartAsync();
        await (await node.ConnectAsync()).CreateAsync("""{"session":"x","ttl_seconds":1}""");
        using var stop = new CancellationTokenSource();
        var reaping = node.Sessions.ReapAsync(stop.Token);
        node.Clock.Advance(TimeSpan.FromSeconds(5));
        await Patience.UntilAsync(() => node.Sessions.Table.Count == 0);
        await stop.CancelAsync();
        await reaping.Soon();
    }

    [Fact]
    public async Task A_paused_session_stands_until_it_goes_on()
    {
        await using var node = await SandboxNode.StartAsync();
        var client = await node.ConnectAsync();
        await client.CreateAsync("""{"session":"x"}""");
        Assert.Equal("paused", await client.StatusAsync("pause", "x"));
        Assert.Equal("paused", await client.StatusAsync("pause", "x"));
        Assert.True(node.Engine.Alive.Single().IsFrozen);
        var session = node.Sessions.Table.All().Single().Session!;
        Assert.Equal("session_paused", Assert.Throws<SandboxException>(() => session.Use()).Reason);
        session.Use(whilePaused: true).Dispose();
        Assert.Equal(("x", "paused", 1), Stats(await client.GetAsync("stats", """{"session":"x"}""", ContractsJson.Default.SandboxStats)));
        Assert.Equal("running", await client.StatusAsync("resume", "x"));
        Assert.False(node.Engine.Alive.Single().IsFrozen);
        session.Use().Dispose();
        Assert.Equal("paused", await client.StatusAsync("pause", "x"));
        Assert.Equal("closed", await client.StatusAsync("close", "x"));
        Assert.Empty(node.Engine.Alive);

        static (string, string, int) Stats(SandboxStats stats) => (stats.Session, stats.State, stats.Processes);
    }

    [Fact]
    public async Task Nothing_is_disposed_while_somebody_works_with_it()
    {
        await using var node = await SandboxNode.StartAsync();
        var client = await node.ConnectAsync();
        await client.CreateAsync("""{"session":"x"}""");
        var session = node.Sessions.Table.All().Single().Session!;
        var part = session.Part(_ => new Part());
        Assert.Same(part, session.Part(_ => new Part()));
        var use = session.Use();
        var closing = client.StatusAsync("close", "x");
        await part.Disposed.Task.Soon();
        Assert.True(session.Ended.IsCancellationRequested);
        var sandbox = node.Engine.Alive.Single();
        Assert.True(sandbox is { IsKilled: true, Root.IsClosed: false });
        Assert.False(closing.IsCompleted);
        // It is nobody's any more from the first moment on.
        await (await node.ConnectAsync()).ErrorAsync("get", """{"session":"x"}""", ErrorCode.NotFound, "session_not_found");
        Assert.Equal("session_not_found", Assert.Throws<SandboxException>(() => session.Use()).Reason);
        Assert.Equal("session_not_found", Assert.Throws<SandboxException>(() => session.Part(_ => new OtherPart())).Reason);
        use.Dispose();
        use.Dispose();
        Assert.Equal("closed", await closing);
        Assert.True(sandbox.Root.IsClosed);
        Assert.Empty(Directory.EnumerateFileSystemEntries(node.SessionsDirectory));
    }

    [Fact]
    public async Task A_name_is_free_again_once_its_session_is_gone()
    {
        await using var node = await SandboxNode.StartAsync();
        var client = await node.ConnectAsync();
        var first = (await client.CreateAsync("""{"session":"x"}""")).Session.Id;
        var use = node.Sessions.Table.All().Single().Session!.Use();
        var closing = client.StatusAsync("close", "x");
        await Patience.UntilAsync(() => node.Sessions.Table.All().Single().IsClosing);
        var anew = client.CreateAsync("""{"session":"x"}""");
        use.Dispose();
        Assert.Equal("closed", await closing);
        Assert.NotEqual(first, (await anew).Session.Id);
        Assert.Single(node.Engine.Alive);
    }

    private class Part : IAsyncDisposable
    {
        internal TaskCompletionSource Disposed { get; } = new();

        public ValueTask DisposeAsync()
        {
            Disposed.TrySetResult();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class OtherPart : Part;
}
