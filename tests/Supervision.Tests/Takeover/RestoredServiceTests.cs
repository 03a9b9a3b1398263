using System.Collections.Immutable;

namespace Strata.Supervision.Tests.Takeover;

/// <summary>How a service goes on under the next supervisor, from each state in which the last one can have left it.</summary>
public sealed class RestoredServiceTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly ServiceManifest A = Node.Service("a");
    private static readonly Inheritance Adopt = new(TakeoverVerdict.Adopt, 1001);
    private static readonly Inheritance Gone = new(TakeoverVerdict.Gone, 1001);
    private static readonly Inheritance Replace = new(TakeoverVerdict.Replace, 1001, "its socket is lost");
    private static readonly NodeTime Before = new(TimeSpan.FromMinutes(50), new Node(A).Now.Wall - TimeSpan.FromMinutes(10));
    private static readonly TimeSpan Now = new Node(A).Clock;

    private static readonly KeptService Healthy = new()
    {
        Name = "a", State = ServiceState.Healthy, Since = Before, Because = "announced readiness", Incarnation = 1, Present = 1, Wanted = true, Listed = true, HealthySince = Before,
    };

    private static readonly KeptService Down = new() { Name = "a", State = ServiceState.Stopped, Since = Before, Because = "the operator stopped it", Incarnation = 1 };

    private static readonly KeptService Draining = Healthy with { State = ServiceState.Stopping, Because = "the operator restarts it", Timer = Due(TimerKind.Drain, 20), HealthySince = null };

    [Fact]
    public void What_was_said_of_an_adopted_service_stays_and_that_it_was_adopted_is_said_once()
    {
        var node = TakeOver(Healthy, Adopt);
        Assert.Equal("announced readiness; adopted from an earlier supervisor", node["a"].Because);
        Assert.Equal((TimeSpan.FromMinutes(10), true, true), (node.Explain("a").For, node["a"].Wanted, node["a"].Listed));
        Assert.Equal(Before, node["a"].HealthySince);
        Assert.Equal(node["a"].Because, TakeOver(KeptService.Of(node["a"]), Adopt)["a"].Because);
        Assert.Equal("the operator restarts it", TakeOver(Draining, Gone)["a"].Because);
    }

    [Theory]
    [InlineData(-5, 1)]
    [InlineData(0, 1)]
    [InlineData(3, 3)]
    [InlineData(100, 5)]
    public void A_start_that_was_under_way_gets_what_was_left_of_its_time_but_a_second_at_least_and_its_manifests_time_at_most(int left, int gets)
    {
        var node = TakeOver(Healthy with { State = ServiceState.Starting, Timer = Due(TimerKind.Readiness, left) }, Adopt);
        Assert.Equal((ServicePhase.AwaitingReadiness, TimeSpan.FromSeconds(gets)), (node["a"].Phase, node.ToDeadline()));
        Assert.Equal(CrashKind.ReadyTimeout, node["a"].LastCrash!.Cause.Kind);
    }

    [Fact]
    public void A_start_gets_a_second_also_when_its_manifest_gives_less_and_all_of_it_when_no_deadline_is_known()
    {
        var starting = Healthy with { State = ServiceState.Starting };
        Assert.Equal(TimeSpan.FromSeconds(5), TakeOver(starting, Adopt).ToDeadline());
        Assert.Equal(TimeSpan.FromSeconds(5), TakeOver(starting with { Timer = Due(TimerKind.Watchdog, 2) }, Adopt).ToDeadline());
        Assert.Equal(TimeSpan.FromSeconds(1), TakeOver(starting, Adopt, A with { Readiness = new ReadinessPolicy { Timeout = TimeSpan.FromMilliseconds(100) } }).ToDeadline());
    }

    [Fact]
    public void A_start_that_never_got_a_process_is_made_anew_and_is_wanted_like_the_first()
    {
        var node = TakeOver(Healthy with { State = ServiceState.Starting }, null);
        Assert.True(node.Did<Effect.Spawn>(s => s.Incarnation == 2));
        node.ComeUp("a");
        node.Exits("a");
        Assert.Equal(ServiceState.Restarting, node["a"].State);
    }

    [Theory]
    [InlineData(-5, 0)]
    [InlineData(20, 20)]
    [InlineData(500, 60)]
    public void A_drain_that_was_under_way_ends_at_its_time_and_within_the_longest_there_is(int left, int gets)
    {
        var node = TakeOver(Draining with { Timer = Due(TimerKind.Drain, left) }, Adopt);
        Assert.True(node.Did<Effect.Signal>(s => s is { Pid: 1001, What: ProcessSignal.Terminate }));
        Assert.Equal(TimeSpan.FromSeconds(gets), node.ToDeadline());
        Assert.True(node.Did<Effect.Signal>(s => s is { Pid: 1001, What: ProcessSignal.Kill }));
    }

    [Theory]
    [InlineData(ServiceState.Stopping, 0, 1)]
    [InlineData(ServiceState.Crashed, 2, 2)]
    [InlineData(ServiceState.Crashed, 9, 3)]
    public void A_process_that_was_being_killed_is_killed_again_and_goes_on_being_so(ServiceState state, int kills, int counted)
    {
        var crash = new CrashRecord(new CrashCause(CrashKind.ReadyTimeout, Limit: TimeSpan.FromSeconds(5)), Before, 1);
        var node = TakeOver(Draining with { State = state, Timer = Due(TimerKind.Kill, 1), KillAttempts = kills, LastCrash = crash }, Adopt);
        Assert.True(node.Did<Effect.Signal>(s => s is { Pid: 1001, What: ProcessSignal.Kill }));
        Assert.Equal((state, counted), (node["a"].State, node["a"].KillAttempts));
        Assert.Equal(ServiceActions.KillRetry, node.ToDeadline());
        Assert.True(node.Did<Effect.Signal>(s => s is { Pid: 1001, What: ProcessSignal.Kill }));
    }

    [Theory]
    [InlineData(5, 5)]
    [InlineData(500, 30)]
    public void A_backoff_goes_on_and_is_never_longer_than_the_manifests_longest(int left, int gets)
    {
        var crashed = Healthy with { State = ServiceState.Restarting, Present = null, Timer = Due(TimerKind.Backoff, left), ConsecutiveCrashes = 4 };
        var node = TakeOver(crashed, null, A with { Backoff = new BackoffPolicy { Max = TimeSpan.FromSeconds(30) } });
        Assert.Equal(4, node["a"].ConsecutiveCrashes);
        Assert.Equal(TimeSpan.FromSeconds(gets), node.ToDeadline());
        Assert.True(node.Did<Effect.Spawn>());
    }

    [Fact]
    public void Crashes_count_on_up_to_the_policys_limit_and_none_of_them_lies_ahead()
    {
        var policy = A with { Quarantine = new QuarantinePolicy { Crashes = 3, Window = TimeSpan.FromHours(1) } };
        var kept = Healthy with { RecentCrashes = [Now - 4 * Second, Now - 3 * Second, Now - 2 * Second, Now, Now + TimeSpan.FromTicks(1)] };
        var node = TakeOver(kept, Adopt, policy);
        Assert.Equal([Now - 3 * Second, Now - 2 * Second, Now], node["a"].RecentCrashes);

        node.Exits("a");
        Assert.Equal((ServiceState.Quarantined, 3), (node["a"].State, node["a"].RecentCrashes.Length));
    }

    [Fact]
    public void A_last_crash_is_told_with_its_age_and_after_a_reboot_as_if_it_were_new()
    {
        var crash = new CrashRecord(new CrashCause(CrashKind.ExitCode, 3), Before, 1);
        Assert.Contains("Last crash 10 min ago", TakeOver(Healthy with { LastCrash = crash }, Adopt).Explain("a").Summary, StringComparison.Ordinal);

        var rebooted = Reboot(Down with { StoppedByOperator = true, LastCrash = crash });
        Assert.Contains("Last crash 0 ms ago: it exited with code 3", rebooted.Explain("a").Summary, StringComparison.Ordinal);
        Assert.Equal(crash.At.Wall, rebooted["a"].LastCrash!.At.Wall);
        Assert.Null(Reboot(Healthy)["a"].LastCrash);
    }

    [Fact]
    public void A_quarantine_outlives_a_reboot_with_its_crashes_and_begins_anew_by_the_clock()
    {
        var quarantined = Down with { State = ServiceState.Quarantined, Because = "2 crashes", RecentCrashes = [TimeSpan.FromMinutes(1)] };
        var node = Reboot(quarantined, A with { Quarantine = new QuarantinePolicy { Crashes = 2 } });
        Assert.Equal((ServiceState.Quarantined, "2 crashes", TimeSpan.Zero), (node["a"].State, node["a"].Because, node.Explain("a").For));
        Assert.Equal(2, node.Explain("a").CrashesInWindow);

        var cut = TakeOver(new KeptNode("boot", 1, [quarantined]) { ShuttingDown = true }, null);
        Assert.Equal((ServiceState.Quarantined, TimeSpan.FromMinutes(10)), (cut["a"].State, cut.Explain("a").For));
    }

    [Theory]
    [InlineData(ServiceState.Stopped)]
    [InlineData(ServiceState.Stopping)]
    [InlineData(ServiceState.Crashed)]
    public void An_operators_stop_outlives_a_reboot_also_when_it_was_under_way(ServiceState state)
    {
        var kept = Down with { State = state, StoppedByOperator = true, Present = state == ServiceState.Stopped ? null : 1 };
        var node = Reboot(kept);
        Assert.Equal((ServiceState.Stopped, "the operator stopped it", true), (node["a"].State, node["a"].Because, node["a"].StoppedByOperator));
        Assert.Equal(ServiceState.Stopped, Reboot(KeptService.Of(node["a"]))["a"].State);
        Assert.True(Reboot(kept with { Wanted = true }).Did<Effect.Spawn>());
    }

    [Fact]
    public void What_its_policy_left_down_or_was_down_for_a_shutdown_starts_after_a_reboot()
    {
        Assert.True(Reboot(Down).Did<Effect.Spawn>());
        var shut = new KeptNode("boot", 1, [Down with { StoppedByOperator = true }]) { ShuttingDown = true };
        var node = TakeOver(shut, null);
        Assert.True(node.Did<Effect.Spawn>());
        Assert.False(node["a"].StoppedByOperator);
        Assert.Equal(ServiceState.Stopped, TakeOver(Down, null)["a"].State);
    }

    [Fact]
    public void What_is_held_down_is_no_operators_stop_unless_it_was_before()
    {
        var held = TakeoverJudge.OfUnrecorded(7, "there is none");
        Assert.False(TakeOver(Healthy, held)["a"].StoppedByOperator);
        Assert.True(TakeOver(Draining with { StoppedByOperator = true, Wanted = false }, held)["a"].StoppedByOperator);
        var shut = new KeptNode("boot", 1, [Draining with { StoppedByOperator = true, Wanted = false }]) { ShuttingDown = true };
        Assert.False(TakeOver(shut, held)["a"].StoppedByOperator);
    }

    [Fact]
    public void What_ends_with_its_supervisor_is_drained_and_begins_with_a_clean_slate()
    {
        var kept = new KeptNode("boot", 1, [Healthy with { ConsecutiveCrashes = 7, RecentCrashes = [Now], Incarnation = 2 }]) { ChildrenEnd = true };
        var node = TakeOver(kept, Adopt, A with { DrainTimeout = TimeSpan.FromSeconds(4) });
        Assert.Equal((ServicePhase.Draining, "ends with the supervisor that started it", 1), (node["a"].Phase, node["a"].Because, node["a"].Process!.Incarnation));
        Assert.True(node["a"].Listed);
        Assert.Equal(TimeSpan.FromSeconds(4), node["a"].Timer!.Value.Due - node.Clock);
        node.Apply(new NodeEvent.Exited("a", 1, ExitStatus.WithCode(0)));
        Assert.True(node.Did<Effect.Spawn>(s => s.Incarnation == 3));
        node.ComeUp("a");
        node.Exits("a");
        Assert.Equal((1, 1), (node["a"].ConsecutiveCrashes, node["a"].RecentCrashes.Length));
    }

    [Fact]
    public void A_stop_that_was_under_way_is_no_restart_because_the_socket_was_lost()
    {
        var node = TakeOver(Draining with { Wanted = false, StoppedByOperator = true }, Replace);
        Assert.Equal((ServicePhase.Draining, "its socket is lost"), (node["a"].Phase, node["a"].Because));
        node.Exits("a", 0);
        Assert.Equal(ServiceState.Stopped, node["a"].State);

        var wanted = TakeOver(Draining, Replace);
        wanted.Exits("a", 0);
        Assert.True(wanted.Did<Effect.Spawn>());
    }

    [Fact]
    public void A_service_whose_manifest_has_another_kind_by_now_ends_and_follows_the_new_one()
    {
        var timer = A with { Kind = ServiceKind.Timer, Timer = new TimerPolicy { Every = TimeSpan.FromMinutes(5) } };
        var node = TakeOver(Healthy, Adopt, timer);
        Assert.Equal((ServicePhase.Draining, "its manifest has another kind now", false), (node["a"].Phase, node["a"].Because, node["a"].Listed));
        Assert.True(node.Did<Effect.Signal>(s => s is { Pid: 1001, What: ProcessSignal.Terminate }));
        node.Exits("a", 0);
        Assert.Equal((ServiceState.Waiting, TimeSpan.FromMinutes(5)), (node["a"].State, node.Explain("a").NextIn));

        var ended = TakeOver(Healthy with { Kind = ServiceKind.Timer, State = ServiceState.Starting }, Gone);
        Assert.Null(ended["a"].Schedule);
        Assert.True(ended.Did<Effect.Spawn>(s => s.Incarnation == 2));
        Assert.Null(ended["a"].LastCrash);
    }

    [Fact]
    public void A_run_of_a_timer_that_was_to_begin_anew_does_so_under_the_next_supervisor()
    {
        var timer = A with { Kind = ServiceKind.Timer, Timer = new TimerPolicy { Every = TimeSpan.FromMinutes(5) } };
        var node = TakeOver(Draining with { Kind = ServiceKind.Timer }, Adopt, timer);
        node.Exits("a", 0);
        Assert.True(node.Did<Effect.Spawn>());
    }

    [Fact]
    public void A_done_oneshot_that_has_become_a_service_is_started()
    {
        var done = Down with { State = ServiceState.Completed, Kind = ServiceKind.Oneshot };
        Assert.True(TakeOver(done, null).Did<Effect.Spawn>());
        Assert.Equal(ServiceState.Completed, TakeOver(done, null, A with { Kind = ServiceKind.Oneshot })["a"].State);
    }

    private static ServiceTimer Due(TimerKind kind, int seconds) => new(kind, Now + seconds * Second);

    private static Node TakeOver(KeptService kept, Inheritance? found, ServiceManifest? manifest = null) => TakeOver(new KeptNode("boot", 1, [kept]), found, manifest);

    private static Node Reboot(KeptService kept, ServiceManifest? manifest = null) => TakeOver(new KeptNode("boot", 1, [kept]), null, manifest, sameBoot: false);

    private static Node TakeOver(KeptNode kept, Inheritance? found, ServiceManifest? manifest = null, bool sameBoot = true)
    {
        var node = new Node(manifest ?? A);
        var verdicts = ImmutableDictionary<string, Inheritance>.Empty;
        node.Apply(new NodeEvent.TakeOver("a test", kept, sameBoot, found is null ? verdicts : verdicts.Add("a", found)));
        return node;
    }
}
