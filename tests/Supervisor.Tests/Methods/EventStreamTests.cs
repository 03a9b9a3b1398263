using Strata.Contracts;
using Strata.Ipc;
using Strata.Supervision;
using static Strata.Supervisor.Tests.TestNode;

namespace Strata.Supervisor.Tests;

public sealed class EventStreamTests
{
    [Fact]
    public async Task A_reader_that_comes_back_continues_where_it_was()
    {
        await using var node = TestNode.Start(Stub("one"));
        await node.UntilAsync("one", ServiceState.Healthy);
        var all = await ReadAsync(node, 0, until: e => e is { Event: "svc.healthy", Service: "one" });
        Assert.Equal(Enumerable.Range(1, all.Count).Select(n => (long)n), all.Select(e => e.Seq));
        Assert.Contains(all, e => e is { Event: "svc.start", State: "Starting" });

        Processes.Send(node.Now.State.Services["one"].Pid!.Value, Linux.Signal.SIGKILL);
        var rest = await ReadAsync(node, all[^1].Seq + 1, until: e => e.Event == "svc.restarting");
        Assert.Equal(all[^1].Seq + 1, rest[0].Seq);
        Assert.Equal(["svc.crash", "svc.restarting"], rest.Select(e => e.Event));
        Assert.Contains("SIGKILL", rest[0].Cause, StringComparison.Ordinal);
        Assert.InRange(rest[1].NextInMs!.Value, 1, 100);
        Assert.Equal(("signal", 9, null), (rest[0].Crash, rest[0].Signal, rest[0].ExitCode));
        Assert.StartsWith("one is Restarting: was ended by signal 9 (SIGKILL). Next: the next attempt (in ", rest[1].Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reader_that_comes_too_late_is_told_what_it_missed()
    {
        var board = new NodeBoard(BoardOf(EventLog.Capacity + 5));
        await using var events = EventStream.ReadAsync(board, 3, cancellation: CancellationToken.None).GetAsyncEnumerator();
        await events.MoveNextAsync();
        Assert.Equal(("gap", 5L), (events.Current.Event, events.Current.Seq));
        Assert.Equal(3, events.Current.Missed);
        Assert.StartsWith("3 events from 3", events.Current.Cause, StringComparison.Ordinal);
        await events.MoveNextAsync();
        Assert.Equal(6, events.Current.Seq);
    }

    [Fact]
    public async Task Who_asks_for_exactly_what_is_kept_sees_no_gap()
    {
        var board = new NodeBoard(BoardOf(EventLog.Capacity + 5));
        await using var events = EventStream.ReadAsync(board, 6, cancellation: CancellationToken.None).GetAsyncEnumerator();
        await events.MoveNextAsync();
        Assert.Equal(6, events.Current.Seq);
        Assert.NotEqual("gap", events.Current.Event);
    }

    [Fact]
    public async Task Without_a_number_only_new_events_come()
    {
        var board = new NodeBoard(BoardOf(3));
        await using var events = EventStream.ReadAsync(board, null, cancellation: CancellationToken.None).GetAsyncEnumerator();
        var next = events.MoveNextAsync();
        Assert.False(next.IsCompleted);
        board.Publish(BoardOf(4));
        Assert.True(await next);
        Assert.Equal(4, events.Current.Seq);
    }

    [Theory]
    [InlineData(0, "1 2 3 mark 4")]
    [InlineData(3, "3 mark 4")]
    [InlineData(4, "mark 4")]
    [InlineData(5, "reset 1 2 3 mark 4")]
    public async Task The_end_of_what_is_kept_is_marked_where_it_was_asked_for(long from, string items)
    {
        var board = new NodeBoard(BoardOf(3));
        var seen = new List<string>();
        await foreach (var item in EventStream.ReadAsync(board, from, mark: true, TestContext.Current.CancellationToken))
        {
            seen.Add(item.Event switch { "caught_up" => "mark", "reset" => "reset", _ => $"{item.Seq}" });
            if (item.Event == "caught_up")
            {
                Assert.Equal(3, item.Seq);
                board.Publish(BoardOf(4));
            }
            else if (item.Seq == 4)
            {
                break;
            }
        }

        Assert.Equal(items, string.Join(' ', seen));
    }

    [Fact]
    public async Task Whoever_asks_for_a_number_of_an_earlier_supervisor_is_told_and_sees_all_there_is()
    {
        var board = new NodeBoard(BoardOf(3));
        await using var events = EventStream.ReadAsync(board, 5000, cancellation: TestContext.Current.CancellationToken).GetAsyncEnumerator();
        await events.MoveNextAsync();
        Assert.Equal("reset", events.Current.Event);
        Assert.Contains("event 5000 has not happened", events.Current.Cause, StringComparison.Ordinal);
        await events.MoveNextAsync();
        Assert.Equal(1, events.Current.Seq);
    }

    [Fact]
    public async Task One_user_follows_so_often_and_no_more_and_leaving_makes_room()
    {
        await using var node = TestNode.Start();
        await using var first = await node.ConnectAsync();
        await using var second = await node.ConnectAsync();
        var watches = new List<IAsyncEnumerator<RpcResponse>>();
        for (var i = 0; i < SupervisorMethods.MaxFollowersPerUid; i++)
        {
            var watch = first.StreamAsync(Follow).GetAsyncEnumerator();
            Assert.True(await watch.MoveNextAsync());
            Assert.True(watch.Current.Continues);
            watches.Add(watch);
        }

        Assert.Equal("too_many_watchers", await RefusalAsync(second));
        await watches[0].DisposeAsync();
        while (await RefusalAsync(second) is not null)
        {
            // Leaving reaches the service a moment later.
        }
    }

    private static RpcRequest Follow => RpcRequest.Of("supervisor.events", new EventsParams(0), ContractsJson.Default.EventsParams);

    private static async Task<string?> RefusalAsync(RpcClient client)
    {
        await foreach (var frame in client.StreamAsync(Follow))
        {
            return frame.Error?.Reason;
        }

        throw new InvalidOperationException("the stream ended without a frame");
    }

    private static NodeSnapshot BoardOf(int count)
    {
        Assert.True(NodePlan.TryCreate([], out var plan, out _));
        var now = new NodeTime(TimeSpan.Zero, DateTimeOffset.UnixEpoch);
        var log = Enumerable.Range(1, count).Aggregate(
            EventLog.Empty, (log, n) => log.Append(new EventRecord { Sequence = n, At = now, Kind = EventKind.StateChanged, Cause = "test" }));
        return NodeSnapshot.Of(NodeMachine.Create(plan, 1, now) with { Log = log });
    }

    private static async Task<List<SupervisorEvent>> ReadAsync(TestNode node, long from, Func<SupervisorEvent, bool> until)
    {
        using var late = new CancellationTokenSource(Deadline);
        await using var client = await node.ConnectAsync();
        var events = new List<SupervisorEvent>();
        var request = RpcRequest.Of("supervisor.events", new EventsParams(from), ContractsJson.Default.EventsParams);
        await foreach (var frame in client.StreamAsync(request, late.Token))
        {
            events.Add(frame.Get(ContractsJson.Default.SupervisorEvent));
            if (until(events[^1]))
            {
                break;
            }
        }

        return events;
    }
}
