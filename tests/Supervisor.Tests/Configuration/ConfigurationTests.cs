using Strata.Contracts;
using Strata.Ipc;
using Strata.Supervision;
using static Strata.Supervisor.Tests.TestNode;

namespace Strata.Supervisor.Tests;

public sealed class ConfigurationTests
{
    [Fact]
    public async Task What_is_added_starts_and_has_a_socket_and_what_is_unchanged_keeps_its_process()
    {
        await using var node = TestNode.Start(Stub("one"));
        var one = (await node.UntilAsync("one", ServiceState.Healthy)).Pid;
        node.Declare(Stub("one"), Stub("two", "one"));

        var told = await DiffAsync(node);
        Assert.Equal(("differs", 1), (told.Outcome, told.Generation));
        Assert.False(node.Now.State.Services.ContainsKey("two"));
        var done = await ApplyAsync(node);

        Assert.Equal(("applied", 2), (done.Outcome, done.Generation));
        Assert.Equal(["two added starts"], done.Services.Select(s => $"{s.Name} {s.Change} {s.Effect}"));
        Assert.Equal(told.Services, done.Services);
        await node.UntilAsync(n => n.State.Services.GetValueOrDefault("two") is { State: ServiceState.Healthy } two ? two : null);
        Assert.Equal(one, node.Now.State.Services["one"].Pid);
        await using var client = await node.ConnectAsync("two");
    }

    [Fact]
    public async Task What_is_removed_drains_and_its_socket_goes_with_it()
    {
        await using var node = TestNode.Start(Stub("one"), Stub("two"));
        await node.UntilAsync("one", ServiceState.Healthy);
        var pid = (await node.UntilAsync("two", ServiceState.Healthy)).Pid!.Value;
        node.Declare(Stub("one"));

        Assert.Equal("stops, and is then forgotten", (await ApplyAsync(node)).Services.Single().Effect);
        await node.UntilAsync(n => n.State.Services.ContainsKey("two") ? null : n);
        await node.RecordAsync(r => r.Kind == EventKind.ServiceRemoved);

        Assert.False(Processes.Runs(pid));
        await Patience.UntilAsync(() => !File.Exists(node.Settings.SocketOf("two")));
        Assert.False(node.Now.Records.ContainsKey("two"));
        Assert.Equal("unchanged", (await ApplyAsync(node)).Outcome);
    }

    [Fact]
    public async Task A_change_that_a_process_is_made_with_gives_it_a_new_one_on_the_same_socket_and_any_other_does_not()
    {
        await using var node = TestNode.Start(Stub("one"));
        var first = (await node.UntilAsync("one", ServiceState.Healthy)).Pid!.Value;
        var inode = new FileInfo(node.Settings.SocketOf("one")).CreationTimeUtc;

        node.Declare(Stub("one") with { Description = "live", Backoff = new BackoffPolicy { Factor = 3 } });
        var live = (await ApplyAsync(node)).Services.Single();
        Assert.Equal(("adjusted", "runs on", first), (live.Change, live.Effect, node.Now.State.Services["one"].Pid));
        Assert.Equal(["description", "restart.factor"], live.Fields!);

        node.Declare(Stub("one") with { Environment = System.Collections.Immutable.ImmutableDictionary<string, string>.Empty.Add("A", "b") });
        var restart = (await ApplyAsync(node)).Services.Single();
        Assert.Equal(("restarted", "restarts"), (restart.Change, restart.Effect));
        var second = await node.UntilAsync(n => n.State.Services["one"] is { State: ServiceState.Healthy, Incarnation: 2 } one ? one : null);
        Assert.NotEqual(first, second.Pid);
        Assert.Equal(inode, new FileInfo(node.Settings.SocketOf("one")).CreationTimeUtc);
        Assert.Contains("A=b", await File.ReadAllTextAsync($"/proc/{second.Pid}/environ"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_of_another_name_takes_over_the_socket_with_whoever_waits_there()
    {
        await using var node = TestNode.Start(Stub("old") with { SocketName = "kept.sock" });
        await node.UntilAsync("old", ServiceState.Healthy);
        await using var waiting = await node.ConnectAsync("kept");
        node.Declare(Stub("new") with { SocketName = "kept.sock" });
        await ApplyAsync(node);

        await node.UntilAsync(n => n.State.Services is { Count: 1 } only && only["new"].State == ServiceState.Healthy ? n : null);
        await using var client = await node.ConnectAsync("kept");
        Assert.Single(Directory.GetFiles(node.Settings.RuntimeDir, "kept.sock"));
    }

    [Fact]
    public async Task A_socket_under_another_name_replaces_the_first()
    {
        await using var node = TestNode.Start(Stub("one"));
        await node.UntilAsync("one", ServiceState.Healthy);
        node.Declare(Stub("one") with { SocketName = "other.sock" });
        await ApplyAsync(node);
        Assert.False(File.Exists(node.Settings.SocketOf("one")));
        await using var client = await node.ConnectAsync("other");
    }

    [Fact]
    public async Task Faults_are_given_and_change_nothing()
    {
        await using var node = TestNode.Start(Stub("one"));
        var pid = (await node.UntilAsync("one", ServiceState.Healthy)).Pid;
        node.Next = node.Next with { Plan = null, Faults = [.. Enumerable.Range(1, 101).Select(i => new LocatedFault("f", i, 2, "exec", "is wrong"))] };

        var refused = await ApplyAsync(node);
        Assert.Equal(("refused", 1, 100, 1), (refused.Outcome, refused.Generation, refused.Faults.Count, refused.MoreFaults));
        Assert.Equal(new ConfigFault("f", 1, 2, "exec", "is wrong"), refused.Faults[0]);
        Assert.Equal("refused", (await DiffAsync(node)).Outcome);
        Assert.Equal(pid, node.Now.State.Services["one"].Pid);

        await using var client = await node.ConnectAsync();
        var status = await client.CallAsync("supervisor.status", new NoParams(), ContractsJson.Default.NoParams, ContractsJson.Default.NodeStatus);
        Assert.Equal((1, "refused"), (status.ConfigGeneration, status.ConfigOutcome));
        Assert.NotNull(status.ConfigTime);
        node.Next = node.Next with { Faults = [.. node.Next.Faults.Skip(1)] };
        Assert.Null((await ApplyAsync(node)).MoreFaults);
    }

    [Fact]
    public async Task A_socket_that_cannot_be_bound_refuses_the_whole_and_leaves_none_of_it_behind()
    {
        await using var node = TestNode.Start(Stub("one"));
        await node.UntilAsync("one", ServiceState.Healthy);
        Directory.CreateDirectory(node.Settings.SocketOf("two"));
        node.Declare(Stub("another"), Stub("two"));

        var refused = await ApplyAsync(node);
        Assert.Equal("refused", refused.Outcome);
        Assert.Equal(("two.service.json", "socket.name"), (refused.Faults.Single().File, refused.Faults.Single().Field));
        Assert.Equal(["one"], node.Now.State.Services.Keys);
        Assert.False(File.Exists(node.Settings.SocketOf("another")));
        Assert.True(File.Exists(node.Settings.SocketOf("one")));
        Directory.Delete(node.Settings.SocketOf("two"));
    }

    [Fact]
    public async Task Attempts_follow_one_another_and_all_are_answered()
    {
        await using var node = TestNode.Start(Stub("one"));
        await node.UntilAsync("one", ServiceState.Healthy);
        node.Declare(Stub("one"), Stub("two"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ApplyAsync(node)));

        Assert.Single(answers, a => a.Outcome == "applied");
        Assert.Equal(7, answers.Count(a => a.Outcome == "unchanged"));
        Assert.All(answers, a => Assert.Equal(2, a.Generation));
    }

    [Fact]
    public async Task As_many_attempts_may_wait_as_are_named_and_one_more_is_refused()
    {
        await using var node = TestNode.Start(Stub("one"));
        using var mayRead = new ManualResetEventSlim();
        using var isReading = new ManualResetEventSlim();
        var next = node.Next;
        using var commands = new ConfigurationCommands(node.Board, node.Loop, new NodeClock(TimeProvider.System), Read, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        var first = commands.DiffAsync(CancellationToken.None);
        Assert.True(isReading.Wait(Deadline));
        var waiting = Enumerable.Range(0, ConfigurationCommands.MaxWaiting).Select(_ => commands.DiffAsync(CancellationToken.None)).ToList();
        var refused = await commands.DiffAsync(CancellationToken.None);

        Assert.Equal((ErrorCode.Unavailable, "too_many_commands"), (refused.Error!.Code, refused.Error.Reason));
        mayRead.Set();
        Assert.All(await Task.WhenAll(waiting.Append(first)), reply => Assert.Equal("unchanged", reply.Value!.Outcome));

        CheckedConfiguration Read()
        {
            isReading.Set();
            Assert.True(mayRead.Wait(Deadline));
            return next;
        }
    }

    [Fact]
    public async Task Both_methods_need_authority_or_their_right()
    {
        await using var node = TestNode.Start();
        await using var client = await node.ConnectAsync();
        var described = await client.CallAsync("supervisor.describe", new NoParams(), IpcJson.Default.NoParams, IpcJson.Default.DescribeResult);
        Assert.Equal(
            ["supervisor.config.apply", "supervisor.config.diff"],
            described.Methods.AsArray().Where(m => (string)m!["name"]! is var name && name.Contains(".config.", StringComparison.Ordinal) && (string?)m["right"] == name)
                .Select(m => (string)m!["name"]!).Order(StringComparer.Ordinal));
    }

    private static Task<ConfigChange> DiffAsync(TestNode node) => CallAsync(node, "supervisor.config.diff");

    private static Task<ConfigChange> ApplyAsync(TestNode node) => CallAsync(node, "supervisor.config.apply");

    private static async Task<ConfigChange> CallAsync(TestNode node, string method)
    {
        await using var client = await node.ConnectAsync();
        return await client.CallAsync(method, new NoParams(), ContractsJson.Default.NoParams, ContractsJson.Default.ConfigChange, deadline: Deadline);
    }
}
