namespace Strata.Supervision.Tests.Timers;

public sealed class TimerTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly ServiceManifest Often = Timer(new TimerPolicy { Every = 5 * Minute });
    private static readonly ServiceManifest Daily = Timer(new TimerPolicy { At = Time("03:30") });

    [Fact]
    public void A_timer_waits_for_its_time_runs_and_waits_again()
    {
        var node = Started(Often);
        Assert.Equal(ServiceState.Waiting, node["a"].State);
        Assert.Equal("runs, as it does every 5 min", node.Explain("a").Next);
        Assert.Equal(5 * Minute, node.Explain("a").NextIn);

        Assert.Equal(5 * Minute, node.ToDeadline());
        Assert.True(node.Did<Effect.Spawn>());
        node.Spawned("a");
        Assert.Equal(ServicePhase.Working, node["a"].Phase);
        node.Pass(Minute);
        node.Exits("a", 0);

        Assert.Equal((ServiceState.Waiting, "did its work and exited with code 0"), (node["a"].State, node["a"].Because));
        Assert.Equal(4 * Minute, node.ToDeadline());
        Assert.Equal(2, node["a"].Incarnation);
    }

    [Fact]
    public void Times_that_pass_while_it_runs_are_skipped_counted_and_told()
    {
        var node = Started(Often);
        node.ToDeadline();
        node.Spawned("a");
        node.Pass(12 * Minute);
        node.Exits("a", 0);

        Assert.Equal(ServiceState.Waiting, node["a"].State);
        Assert.Equal(3 * Minute, node.Explain("a").NextIn);
        Assert.EndsWith("; 2 of its times were skipped so far", node.Explain("a").Next, StringComparison.Ordinal);
        var record = Assert.Single(node.State.Log.Read(1).Records, r => r.Kind == EventKind.RunSkipped);
        Assert.StartsWith("a did not run at its time: 2 times skipped: it had not ended by then.", EventSummary.Of(record), StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_catches_up_makes_up_for_them_by_a_single_run()
    {
        var node = Started(Timer(new TimerPolicy { Every = 5 * Minute, CatchUp = true }));
        node.ToDeadline();
        node.Spawned("a");
        node.Pass(12 * Minute);
        node.Exits("a", 0);

        Assert.Equal("makes up for a time it missed; 1 of its times were skipped so far", node.Explain("a").Next);
        Assert.Equal(TimeSpan.Zero, node.ToDeadline());
        node.Spawned("a");
        node.Exits("a", 0);
        Assert.Equal(3 * Minute, node.ToDeadline());
    }

    [Fact]
    public void A_failed_run_waits_for_the_next_time_and_is_never_quarantined()
    {
        var node = Started(Often with { Quarantine = new QuarantinePolicy { Crashes = 1, Window = TimeSpan.FromHours(24) } });
        for (var run = 0; run < 3; run++)
        {
            node.ToDeadline();
            node.Spawned("a");
            node.Exits("a", 3);
            Assert.Equal((ServiceState.Waiting, "exited with code 3"), (node["a"].State, node["a"].Because));
            Assert.Equal("exited with code 3", node.Explain("a").LastCrash!.Cause.Text);
        }
    }

    [Fact]
    public void A_failed_run_is_repeated_when_its_manifest_says_so_until_it_has_failed_too_often()
    {
        var node = Started(Often with { Restart = RestartPolicy.OnFailure, Quarantine = new QuarantinePolicy { Crashes = 2 } });
        node.ToDeadline();
        node.Spawned("a");
        node.Exits("a", 3);
        Assert.Equal(ServiceState.Restarting, node["a"].State);
        node.ToDeadline();
        node.Spawned("a");
        node.Exits("a", 3);
        Assert.Equal(ServiceState.Waiting, node["a"].State);

        node.ToDeadline();
        node.Spawned("a");
        node.Exits("a", 3);
        Assert.Equal(ServiceState.Restarting, node["a"].State);
    }

    [Fact]
    public void A_run_that_takes_too_long_is_killed_and_counts_as_failed()
    {
        var node = Started(Often with { Readiness = new ReadinessPolicy { Timeout = Minute } });
        node.ToDeadline();
        node.Spawned("a");
        Assert.Equal(Minute, node.ToDeadline());
        Assert.Equal(CrashKind.RunTimeout, node["a"].LastCrash!.Cause.Kind);
        node.Apply(new NodeEvent.Exited("a", 1, ExitStatus.BySignal(9)));
        Assert.Equal(ServiceState.Waiting, node["a"].State);
    }

    [Fact]
    public void An_operator_runs_it_now_and_its_times_stay()
    {
        var node = Started(Often);
        node.Pass(Minute);
        Assert.Equal(CommandStatus.Ok, node.Start("a").Status);
        node.Spawned("a");
        Assert.Equal(CommandStatus.Conflict, node.Start("a").Status);
        node.Exits("a", 0);
        Assert.Equal(4 * Minute, node.ToDeadline());
    }

    [Fact]
    public void What_an_operator_stopped_does_not_run_and_skips_nothing()
    {
        var node = Started(Often);
        node.Stop("a");
        Assert.Equal(ServiceState.Stopped, node["a"].State);
        Assert.Null(node.State.NextDeadline);
        node.Pass(TimeSpan.FromHours(2));
        node.Start("a");
        node.Spawned("a");
        node.Exits("a", 0);
        Assert.Equal((5 * Minute, 0L), (node.Explain("a").NextIn, node["a"].Schedule!.Skipped));
    }

    [Fact]
    public void A_time_of_day_comes_by_the_wall_clock_which_is_looked_at_every_minute()
    {
        var node = Started(Daily);
        Assert.Equal("runs at 2026-01-01 03:30 UTC", node.Explain("a").Next);
        Assert.Equal(TimeSpan.FromMinutes(150), node.Explain("a").NextIn);
        for (var looks = 0; looks < 149; looks++)
        {
            Assert.Equal(Minute, node.ToDeadline());
            Assert.Empty(node.Effects);
        }

        Assert.Equal(Minute, node.ToDeadline());
        Assert.True(node.Did<Effect.Spawn>());
        node.Spawned("a");
        node.Exits("a", 0);
        Assert.Equal("runs at 2026-01-02 03:30 UTC", node.Explain("a").Next);
    }

    [Fact]
    public void A_clock_that_is_set_forward_over_its_time_skips_it_once()
    {
        var node = Started(Daily);
        node.WallSkew = TimeSpan.FromDays(3);
        node.ToDeadline();
        Assert.Equal((ServiceState.Waiting, 3L), (node["a"].State, node["a"].Schedule!.Skipped));
        Assert.Equal("3 times skipped: the clock leapt over them, or the machine slept", node.State.Log.Read(1).Records[^1].Cause);
        Assert.StartsWith("runs at 2026-01-04 03:30 UTC", node.Explain("a").Next, StringComparison.Ordinal);
        node.ToDeadline();
        Assert.Equal(3, node["a"].Schedule!.Skipped);
    }

    [Fact]
    public void One_that_catches_up_runs_once_however_far_the_clock_was_set_forward()
    {
        var node = Started(Timer(new TimerPolicy { At = Time("03:30"), CatchUp = true }));
        node.WallSkew = TimeSpan.FromDays(20_000);
        node.ToDeadline();
        Assert.Equal(ServiceState.Starting, node["a"].State);
        Assert.Equal(TimerSchedule.MaxCounted, node["a"].Schedule!.Skipped);
        node.Spawned("a");
        node.Exits("a", 0);
        Assert.Equal(ServiceState.Waiting, node["a"].State);
        Assert.True(node.Explain("a").NextIn > TimeSpan.Zero);
    }

    [Fact]
    public void A_clock_that_is_set_back_a_little_does_not_run_it_twice()
    {
        var node = Started(Daily);
        node.Pass(TimeSpan.FromMinutes(151));
        node.Tick();
        node.Spawned("a");
        node.Exits("a", 0);
        node.WallSkew = TimeSpan.FromHours(-2);
        node.ToDeadline();
        Assert.Equal("runs at 2026-01-02 03:30 UTC", node.Explain("a").Next);
    }

    [Fact]
    public void A_clock_that_was_years_ahead_and_is_put_right_does_not_leave_it_waiting_for_years()
    {
        var node = new Node(Daily) { WallSkew = TimeSpan.FromDays(3650) };
        node.Apply(new NodeEvent.StartAll());
        node.WallSkew = TimeSpan.Zero;
        Assert.Equal(Minute, node.ToDeadline());
        Assert.Equal("runs at 2026-01-01 03:30 UTC", node.Explain("a").Next);
    }

    [Fact]
    public void A_time_that_passed_while_the_node_was_down_is_made_up_for_and_every_run_is_remembered()
    {
        var catchUp = Timer(new TimerPolicy { At = Time("03:30"), CatchUp = true });
        var node = new Node(catchUp);
        node.Apply(new NodeEvent.TimersRan(node.State.LastRuns.Add("a", node.Now.Wall - TimeSpan.FromHours(30))));
        node.Apply(new NodeEvent.StartAll());
        Assert.Equal(TimeSpan.Zero, node.ToDeadline());
        Assert.Equal(node.Now.Wall, node.Effects.OfType<Effect.RememberRun>().Single().At);
        Assert.Equal("makes up for a time it missed", node.State.Log.Read(1).Records[^1].Cause);

        var recent = new Node(catchUp);
        recent.Apply(new NodeEvent.TimersRan(recent.State.LastRuns.Add("a", recent.Now.Wall - TimeSpan.FromHours(3))));
        recent.Apply(new NodeEvent.StartAll());
        Assert.Equal(TimeSpan.FromMinutes(150), recent.Explain("a").NextIn);
    }

    [Fact]
    public void One_that_runs_every_so_often_goes_on_where_an_earlier_node_left_it_if_it_catches_up()
    {
        var policy = new TimerPolicy { Every = TimeSpan.FromHours(24), CatchUp = true };
        Assert.Equal(TimeSpan.FromHours(23), NextIn(policy, TimeSpan.FromHours(1)));
        Assert.Equal(TimeSpan.Zero, NextIn(policy, TimeSpan.FromHours(25)));
        Assert.Equal(TimeSpan.FromHours(24), NextIn(policy, TimeSpan.FromHours(-1)));
        Assert.Equal(TimeSpan.FromHours(24), NextIn(policy with { CatchUp = false }, TimeSpan.FromHours(25)));

        static TimeSpan? NextIn(TimerPolicy policy, TimeSpan ago)
        {
            var node = new Node(Timer(policy));
            node.Apply(new NodeEvent.TimersRan(node.State.LastRuns.Add("a", node.Now.Wall - ago)));
            node.Apply(new NodeEvent.StartAll());
            return node.Explain("a").NextIn;
        }
    }

    [Fact]
    public void Jitter_makes_a_run_later_never_earlier_and_is_drawn_anew()
    {
        var node = Started(Timer(new TimerPolicy { Every = 10 * Minute, Jitter = 9 * Minute }));
        var waits = new HashSet<TimeSpan>();
        for (var run = 1; run <= 20; run++)
        {
            node.ToDeadline();
            var late = node.Clock - TimeSpan.FromHours(1) - (run * 10 * Minute);
            Assert.InRange(late, TimeSpan.Zero, 9 * Minute);
            waits.Add(late);
            node.Spawned("a");
            node.Exits("a", 0);
        }

        Assert.Equal(20, waits.Count);
    }

    [Fact]
    public void A_run_waits_for_what_it_requires()
    {
        var node = Started(Node.Service("b"), Often with { Requires = ["b"] });
        node.Spawned("b");
        node.Pass(5 * Minute);
        node.Tick();
        Assert.Equal(ServicePhase.AwaitingDependencies, node["a"].Phase);
    }

    [Fact]
    public void Changed_times_hold_at_once_and_a_changed_program_from_the_next_run_on()
    {
        var node = Started(Often);
        node.Reconfigure(Often with { Timer = new TimerPolicy { Every = Minute } });
        Assert.Equal(Minute, node.ToDeadline());
        node.Spawned("a");
        node.Reconfigure(Often with { Timer = new TimerPolicy { Every = Minute }, Program = "/bin/new" });
        Assert.Equal(ServicePhase.Working, node["a"].Phase);
    }

    [Fact]
    public void A_service_that_becomes_a_timer_ends_and_waits_and_a_timer_that_becomes_a_service_starts()
    {
        var node = Node.Running(Node.Service("a"));
        node.Reconfigure(Often);
        Assert.EndsWith("and then waits for its time", node.Explain("a").Next, StringComparison.Ordinal);
        node.Exits("a", 0);
        Assert.Equal(ServiceState.Waiting, node["a"].State);
        node.Reconfigure(Node.Service("a"));
        Assert.Equal((ServicePhase.Spawning, null), (node["a"].Phase, node["a"].Schedule));
    }

    [Fact]
    public void A_timer_stops_with_the_node_and_its_run_is_drained()
    {
        var waiting = Started(Often);
        waiting.Shutdown();
        Assert.True(waiting.Did<Effect.Exit>());

        var running = Started(Often);
        running.ToDeadline();
        running.Spawned("a");
        running.Shutdown();
        Assert.Equal(ServicePhase.Draining, running["a"].Phase);
    }

    [Fact]
    public void What_a_timer_cannot_be_is_refused()
    {
        Assert.Empty(Faults(Often));
        Assert.Equal(["timer"], Faults(Node.Service("a") with { Timer = Often.Timer }));
        Assert.Equal(["timer"], Faults(Often with { Timer = null }));
        Assert.Equal(["timer"], Faults(Often with { Timer = new TimerPolicy { CatchUp = true } }));
        Assert.Equal(["timer.at"], Faults(Timer(new TimerPolicy { Every = Minute, At = Time("03:30") })));
        Assert.Equal(["timer.timezone"], Faults(Timer(new TimerPolicy { Every = Minute, Zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin") })));
        Assert.Equal(["timer.jitter"], Faults(Timer(new TimerPolicy { Every = Minute, Jitter = Minute })));
        Assert.Equal(["timer.jitter"], Faults(Timer(new TimerPolicy { At = Time("03:30"), Jitter = TimeSpan.FromHours(1) + TimeSpan.FromTicks(1) })));
        Assert.Equal(["timer.every"], Faults(Timer(new TimerPolicy { Every = TimeSpan.FromMilliseconds(999) })));
        Assert.Equal(["timer.every"], Faults(Timer(new TimerPolicy { Every = TimeSpan.FromHours(744) + TimeSpan.FromTicks(1) })));
        Assert.Empty(Faults(Timer(new TimerPolicy { Every = TimeSpan.FromHours(744), Jitter = TimeSpan.FromHours(1) })));
        Assert.Equal(["strategy"], Faults(Often with { Strategy = RestartStrategy.OneForAll }));
        Assert.Equal(["socket", "watchdog", "readiness.method"], Faults(Often with
        {
            SocketName = "x.sock", Watchdog = new WatchdogPolicy { Interval = Minute }, Readiness = new ReadinessPolicy { Method = ReadinessMethod.None },
        }));
        Assert.False(NodePlan.TryCreate([Often, Node.Service("b", "a")], out _, out var faults));
        Assert.Equal(("b", "requires[0]"), (Assert.Single(faults).Service, faults[0].Item));

        static IEnumerable<string> Faults(ServiceManifest manifest) => ManifestValidator.Validate(manifest).Select(f => f.Field);
    }

    private static CalendarTime Time(string text) => CalendarTime.TryParse(text, out var time) ? time : throw new ArgumentException(text);

    private static ServiceManifest Timer(TimerPolicy policy) => Node.Service("a") with { Kind = ServiceKind.Timer, Timer = policy };

    private static Node Started(params ServiceManifest[] manifests)
    {
        var node = new Node(manifests);
        node.Apply(new NodeEvent.StartAll());
        return node;
    }
}
