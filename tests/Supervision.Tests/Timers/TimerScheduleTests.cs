namespace Strata.Supervision.Tests.Timers;

/// <summary>When a timer runs, at the instants at which two answers meet.</summary>
public sealed class TimerScheduleTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimerPolicy Often = new() { Every = 5 * Minute };
    private static readonly TimerPolicy Daily = new() { At = Time("03:30") };
    private static readonly NodeTime Now = new(TimeSpan.FromHours(1), new DateTimeOffset(2026, 1, 1, 3, 30, 0, TimeSpan.Zero));

    [Fact]
    public void A_time_of_day_that_is_noticed_late_counts_for_two_minutes_and_one_that_recurs_counts_always()
    {
        var schedule = new TimerSchedule { WallAt = Now.Wall };
        Assert.False(schedule.IsDue(Later(-Tick)));
        Assert.True(schedule.IsDue(Now));
        Assert.True(schedule.IsDue(Later(2 * Minute)));
        Assert.False(schedule.IsDue(Later(2 * Minute + Tick)));
        Assert.True(new TimerSchedule { At = Now.Monotonic }.IsDue(Later(TimeSpan.FromHours(9))));
    }

    [Fact]
    public void Jitter_makes_either_kind_of_time_later()
    {
        Assert.Equal(Minute, new TimerSchedule { WallAt = Now.Wall, Delay = Minute }.Left(Now));
        Assert.Equal(Minute, new TimerSchedule { At = Now.Monotonic, Delay = Minute }.Left(Now));
    }

    [Fact]
    public void A_last_run_exactly_one_interval_ago_is_made_up_for_now_and_the_next_comes_an_interval_later()
    {
        var schedule = new TimerSchedule().First(Often with { CatchUp = true }, Now, Now.Wall - 5 * Minute);
        Assert.Equal((true, Now.Monotonic + 5 * Minute), (schedule.Owed, schedule.At));
        var sooner = new TimerSchedule().First(Often with { CatchUp = true }, Now, Now.Wall - 5 * Minute + Tick);
        Assert.Equal((false, Now.Monotonic + Tick), (sooner.Owed, sooner.At));
    }

    [Fact]
    public void A_node_that_starts_at_the_very_time_of_a_run_owes_it()
    {
        var schedule = new TimerSchedule().First(Daily with { CatchUp = true }, Now, Now.Wall - Minute);
        Assert.Equal((true, Now.Wall.AddDays(1)), (schedule.Owed, schedule.WallAt));
    }

    [Fact]
    public void A_time_that_comes_just_as_a_run_ends_was_missed()
    {
        Assert.Equal((1L, Now.Monotonic + 5 * Minute), new TimerSchedule { At = Now.Monotonic }.Again(Often, Now) is var often ? (often.Skipped, often.At) : default);
        Assert.Equal((1L, Now.Wall.AddDays(1)), new TimerSchedule { WallAt = Now.Wall }.Again(Daily, Now) is var daily ? (daily.Skipped, daily.WallAt) : default);
    }

    [Fact]
    public void A_clock_that_leaps_to_the_very_time_of_a_later_run_has_missed_that_one_too()
    {
        var schedule = new TimerSchedule { WallAt = Now.Wall.AddDays(-2) }.Again(Daily, Now);
        Assert.Equal((3L, Now.Wall.AddDays(1)), (schedule.Skipped, schedule.WallAt));
    }

    [Fact]
    public void What_is_cleared_neither_waits_nor_owes()
    {
        var cleared = new TimerSchedule { At = Now.Monotonic, Owed = true, Delay = Minute, Skipped = 3 }.Cleared();
        Assert.Equal(new TimerSchedule { Skipped = 3 }, cleared);
        Assert.False(cleared.IsPending);
    }

    [Fact]
    public void The_jitter_of_a_time_of_day_is_drawn_once_however_often_the_clock_is_looked_at()
    {
        var node = Started(Timer(Daily with { Jitter = TimeSpan.FromMinutes(30) }));
        var first = node["a"].Schedule!.Delay;
        Assert.InRange(first, Tick, TimeSpan.FromMinutes(30));
        for (var look = 0; look < 5; look++)
        {
            node.ToDeadline();
            Assert.Equal(first, node["a"].Schedule!.Delay);
        }

        node.Start("a");
        node.Spawned("a");
        node.Exits("a", 0);
        Assert.Equal(first, node["a"].Schedule!.Delay);
    }

    [Fact]
    public void A_run_is_remembered_when_it_begins_and_only_then()
    {
        var node = Started(Timer(Often with { CatchUp = true }));
        var start = node.Now.Wall;
        Assert.Equal(start, node.Effects.OfType<Effect.RememberRun>().Single().At);
        Assert.Equal(start, node.State.LastRuns["a"]);
        node.ToDeadline();
        Assert.Equal(start + 5 * Minute, node.Effects.OfType<Effect.RememberRun>().Single().At);
        Assert.Equal(start + 5 * Minute, node.State.LastRuns["a"]);
        node.Spawned("a");
        Assert.False(node.Did<Effect.RememberRun>());
        node.Exits("a", 0);
        Assert.False(node.Did<Effect.RememberRun>());
        Assert.False(Started(Timer(Often)).Did<Effect.RememberRun>());
    }

    [Fact]
    public void A_run_that_is_known_from_an_earlier_node_is_not_overwritten_by_the_start()
    {
        var node = new Node(Timer(Often with { CatchUp = true }));
        node.Apply(new NodeEvent.TimersRan(node.State.LastRuns.Add("a", node.Now.Wall - Minute)));
        node.Apply(new NodeEvent.StartAll());
        Assert.False(node.Did<Effect.RememberRun>());
        Assert.Equal(4 * Minute, node.Explain("a").NextIn);
    }

    [Fact]
    public void Each_time_that_was_skipped_is_told_once()
    {
        var node = Started(Timer(Often));
        node.ToDeadline();
        node.Spawned("a");
        node.Pass(6 * Minute);
        node.Exits("a", 0);
        Assert.Equal("1 time skipped: it had not ended by then", Assert.Single(Skipped(node)));
        node.ToDeadline();
        node.Spawned("a");
        node.Exits("a", 0);
        Assert.Single(Skipped(node));

        var declared = new Node(Timer(Often));
        declared.Stop("a");
        Assert.Empty(Skipped(declared));
    }

    [Fact]
    public void A_timer_that_waits_has_no_kills_to_count()
    {
        var node = Started(Timer(Often) with { Readiness = new ReadinessPolicy { Timeout = Minute } });
        node.ToDeadline();
        node.Spawned("a");
        node.ToDeadline();
        Assert.Equal(1, node["a"].KillAttempts);
        node.Apply(new NodeEvent.Exited("a", 1, ExitStatus.BySignal(9)));
        Assert.Equal((ServiceState.Waiting, 0), (node["a"].State, node["a"].KillAttempts));
    }

    [Fact]
    public void What_a_timer_cannot_be_is_told_with_what_to_do()
    {
        Assert.Equal("only a service of the kind \"timer\" runs at times; set the kind, or leave this out", Fault(Node.Service("a") with { Timer = Often }));
        Assert.Equal("nobody stands on a timer, so nobody is restarted with it; leave it out", Fault(Timer(Often) with { Strategy = RestartStrategy.OneForAll }));
        Assert.Equal("a timer needs a time: \"timer\": { \"every\": \"5m\" }, or { \"at\": \"03:30\" }", Fault(Timer(Often) with { Timer = null }));
        Assert.Equal("every and at exclude each other; keep one", Fault(Timer(Often with { At = Daily.At })));
        Assert.Equal("every counts the time that passes, which is the same in all zones; leave it out", Fault(Timer(Often with { Zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin") })));
        Assert.Equal("is 5m, must be less than timer.every", Fault(Timer(Often with { Jitter = 5 * Minute })));
        Assert.False(NodePlan.TryCreate([Timer(Often), Node.Service("b", "a")], out _, out var faults));
        Assert.Equal("b: requires: a is a timer and never Healthy; require a oneshot, or name it in after", Assert.Single(faults).ToString());

        static string Fault(ServiceManifest manifest) => Assert.Single(ManifestValidator.Validate(manifest)).Message;
    }

    private static IEnumerable<string> Skipped(Node node) => node.State.Log.Read(1).Records.Where(r => r.Kind == EventKind.RunSkipped).Select(r => r.Cause);

    private static NodeTime Later(TimeSpan time) => new(Now.Monotonic + time, Now.Wall + time);

    private static CalendarTime Time(string text) => CalendarTime.TryParse(text, out var time) ? time : throw new ArgumentException(text);

    private static ServiceManifest Timer(TimerPolicy policy) => Node.Service("a") with { Kind = ServiceKind.Timer, Timer = policy };

    private static Node Started(ServiceManifest manifest)
    {
        var node = new Node(manifest);
        node.Apply(new NodeEvent.StartAll());
        return node;
    }
}
