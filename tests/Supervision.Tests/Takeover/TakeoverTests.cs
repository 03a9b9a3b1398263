using System.Collections.Immutable;
using System.Text;

namespace Strata.Supervision.Tests.Takeover;

/// <summary>What one supervisor makes of what another has left.</summary>
public sealed class TakeoverTests
{
    private const string Boot = "3b151b0c-104e-4983-9404-b2debf74cc82";

    [Fact]
    public void A_record_is_read_as_it_was_written()
    {
        var node = Node.Running(Node.Service("a"), Node.Service("b"));
        node.Exits("b", 3);
        var kept = KeptOf(node) with { Generation = 7, LastIncarnation = 9, ChildrenEnd = true };
        var process = new KeptProcess(1, 1001, 42) { Group = new KeptGroup(2, "strata.1.a.1", "/m", null, "/p", "/u") };
        kept = kept with { Services = [.. kept.Services.Select(s => s.Name == "a" ? s with { Processes = [process], SocketInode = 5, PathInode = 6 } : s)] };

        var read = KeptText.Decode(KeptText.Encode(kept), out var fault);

        Assert.Null(fault);
        Assert.Equal(KeptText.Encode(kept), KeptText.Encode(read!));
        Assert.Equal(process, read!.Of("a")!.Processes.Single());
        Assert.Equal(CrashKind.ExitCode, read.Of("b")!.LastCrash!.Cause.Kind);
    }

    [Theory]
    [InlineData("", "is not a record of a supervisor")]
    [InlineData("{}", "is not a record of a supervisor")]
    [InlineData("strata-node 2 2 00000000\n{}\n", "is of version 2, and this supervisor reads version 1")]
    [InlineData("strata-node 1 3 00000000\n{}\n", "is torn: its length is not the one it tells")]
    [InlineData("strata-node 1 2 00000000\n{}\n", "is garbled: its checksum is wrong")]
    public void What_is_no_record_is_told_apart(string text, string expected)
    {
        Assert.Null(KeptText.Decode(Encoding.UTF8.GetBytes(text), out var fault));
        Assert.Equal(expected, fault);
    }

    [Fact]
    public void A_record_has_at_most_so_many_bytes_and_services()
    {
        Assert.Null(KeptText.Decode(new byte[KeptText.MaxBytes + 1], out var tooLong));
        Assert.Contains("more than", tooLong, StringComparison.Ordinal);
        Assert.Null(KeptText.Decode(new byte[KeptText.MaxBytes], out var noRecord));
        Assert.Equal("is not a record of a supervisor", noRecord);
        Assert.NotNull(KeptText.Decode(KeptText.Encode(Many(KeptNode.MaxServices)), out _));
        Assert.Null(KeptText.Decode(KeptText.Encode(Many(KeptNode.MaxServices + 1)), out var tooMany));
        Assert.Contains("too many services", tooMany, StringComparison.Ordinal);

        static KeptNode Many(int count) => new(Boot, 1, [.. Enumerable.Range(0, count).Select(i => new KeptService { Name = $"s{i}" })]);
    }

    [Theory]
    [InlineData(false, true, true, null, true, TakeoverVerdict.Gone)]
    [InlineData(true, false, true, null, true, TakeoverVerdict.Gone)]
    [InlineData(true, true, false, null, true, TakeoverVerdict.HoldDown)]
    [InlineData(true, true, true, false, true, TakeoverVerdict.HoldDown)]
    [InlineData(true, true, true, true, false, TakeoverVerdict.HoldDown)]
    [InlineData(true, true, true, null, false, TakeoverVerdict.HoldDown)]
    [InlineData(true, true, true, null, true, TakeoverVerdict.Adopt)]
    [InlineData(true, true, true, true, true, TakeoverVerdict.Adopt)]
    public void A_process_is_adopted_only_when_all_of_it_fits(bool sameBoot, bool lives, bool leads, bool? inGroup, bool mark, TakeoverVerdict expected) =>
        Assert.Equal(expected, TakeoverJudge.Of(7, new ProcessEvidence(sameBoot, lives, leads, inGroup, mark)).Verdict);

    [Fact]
    public void A_healthy_process_is_adopted_and_gets_a_full_watchdog_interval()
    {
        var watched = Node.Service("a") with { Watchdog = new WatchdogPolicy { Interval = TimeSpan.FromSeconds(10) } };
        var first = Node.Running(watched);
        var next = Next(first, new Inheritance(TakeoverVerdict.Adopt, 1001), watched);

        Assert.Equal((ServiceState.Healthy, 1001, 1), (next["a"].State, next["a"].Pid, next["a"].Incarnation));
        Assert.Equal(TimeSpan.FromSeconds(10), next["a"].Timer!.Value.Due - next.Clock);
        Assert.Contains("adopted from an earlier supervisor", next.Explain("a").Because, StringComparison.Ordinal);
        Assert.False(next.Did<Effect.Spawn>());
    }

    [Fact]
    public void A_process_that_ended_unseen_counts_as_a_crash_and_is_replaced_after_its_backoff()
    {
        var first = Node.Running(Node.Service("a"));
        var next = Next(first, new Inheritance(TakeoverVerdict.Gone, 1001), Node.Service("a"));

        Assert.Equal((ServiceState.Restarting, CrashKind.Unknown), (next["a"].State, next["a"].LastCrash!.Cause.Kind));
        next.Recover("a");
        Assert.Equal(2, next["a"].Incarnation);
    }

    [Fact]
    public void A_oneshot_that_is_done_is_not_run_twice()
    {
        var oneshot = Node.Service("a") with { Kind = ServiceKind.Oneshot, Readiness = new ReadinessPolicy() };
        var first = new Node(oneshot);
        first.Apply(new NodeEvent.StartAll());
        first.Spawned("a");
        first.Exits("a", 0);
        var next = Next(first, null, oneshot);

        Assert.Equal(ServiceState.Completed, next["a"].State);
        Assert.False(next.Did<Effect.Spawn>());
    }

    [Fact]
    public void What_cannot_be_proved_is_held_down_until_the_operator_starts_it()
    {
        var first = Node.Running(Node.Service("a"));
        var next = Next(first, TakeoverJudge.OfUnrecorded(1001, "it is torn"), Node.Service("a"));

        Assert.Equal(ServiceState.Stopped, next["a"].State);
        Assert.Contains("process 1001", next.Explain("a").Because, StringComparison.Ordinal);
        Assert.Equal(CommandStatus.Ok, next.Start("a").Status);
        Assert.True(next.Did<Effect.Spawn>());
    }

    [Fact]
    public void A_process_whose_socket_is_lost_is_asked_to_end_and_replaced()
    {
        var first = Node.Running(Node.Service("a"));
        var verdict = TakeoverJudge.WithSocket(new Inheritance(TakeoverVerdict.Adopt, 1001), "not permitted");
        var next = Next(first, verdict, Node.Service("a"));

        Assert.Equal(ServiceState.Stopping, next["a"].State);
        Assert.True(next.Did<Effect.Signal>(s => s.Pid == 1001 && s.What == ProcessSignal.Terminate));
        next.Exits("a", 0);
        Assert.True(next.Did<Effect.Spawn>(s => s.Incarnation == 2));
    }

    [Fact]
    public void A_process_that_never_passed_its_gate_is_spawned_anew_and_no_crash()
    {
        var first = new Node(Node.Service("a"));
        first.Apply(new NodeEvent.StartAll());
        var next = Next(first, null, Node.Service("a"));

        Assert.True(next.Did<Effect.Spawn>(s => s.Incarnation == 2));
        Assert.Null(next["a"].LastCrash);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_quarantine_and_an_operators_stop_outlive_supervisor_and_boot(bool sameBoot)
    {
        var fragile = Node.Service("a") with { Quarantine = new QuarantinePolicy { Crashes = 1 } };
        var first = Node.Running(fragile, Node.Service("b"));
        first.Exits("a");
        first.Stop("b");
        first.Exits("b", 0);
        var next = Next(first, null, sameBoot, fragile, Node.Service("b"));

        Assert.Equal((ServiceState.Quarantined, ServiceState.Stopped), (next["a"].State, next["b"].State));
        Assert.False(next.Did<Effect.Spawn>());
    }

    [Fact]
    public void Under_exit_with_children_and_after_a_cut_shutdown_everything_starts_anew()
    {
        var first = Node.Running(Node.Service("a"));
        var kept = KeptOf(first) with { ChildrenEnd = true };
        var next = new Node(Node.Service("a"));
        next.Apply(new NodeEvent.TakeOver("a test", kept, true, Found(new Inheritance(TakeoverVerdict.Gone, 1001))));
        Assert.True(next.Did<Effect.Spawn>());
        Assert.Null(next["a"].LastCrash);

        first.Shutdown();
        next = Next(first, new Inheritance(TakeoverVerdict.Adopt, 1001), Node.Service("a"));
        Assert.Equal(ServiceState.Stopping, next["a"].State);
        next.Exits("a", 0);
        Assert.True(next.Did<Effect.Spawn>());
    }

    private static KeptNode KeptOf(Node node) => new(Boot, 1, [.. node.State.Services.Values.Select(KeptService.Of)]) { ShuttingDown = node.State.ShuttingDown };

    private static ImmutableDictionary<string, Inheritance> Found(Inheritance? verdict) =>
        verdict is null ? ImmutableDictionary<string, Inheritance>.Empty : ImmutableDictionary<string, Inheritance>.Empty.Add("a", verdict);

    private static Node Next(Node first, Inheritance? verdict, params ServiceManifest[] manifests) => Next(first, verdict, true, manifests);

    private static Node Next(Node first, Inheritance? verdict, bool sameBoot, params ServiceManifest[] manifests)
    {
        var read = KeptText.Decode(KeptText.Encode(KeptOf(first)), out var fault);
        Assert.Null(fault);
        var next = new Node(manifests);
        next.Apply(new NodeEvent.TakeOver("a test", read, sameBoot, Found(verdict)));
        return next;
    }
}
