namespace Strata.Supervision.Tests.Reconfiguration;

/// <summary>A change of any field of a manifest is seen, and as a change of that field alone.</summary>
public sealed class EveryFieldTests
{
    private static readonly ServiceManifest A = Node.Service("a");
    private static readonly ServiceManifest Timer = A with { Kind = ServiceKind.Timer, Timer = new TimerPolicy { Every = TimeSpan.FromMinutes(5) } };
    private static readonly HeldCapability Held = new() { Service = "fs", Rights = ["fs.read"] };

    private static readonly (string Path, ServiceManifest Before, ServiceManifest After)[] Changes =
    [
        ("description", A, A with { Description = "x" }),
        ("kind", A with { Socket = null, Readiness = Slow() }, A with { Socket = null, Readiness = Slow(), Kind = ServiceKind.Oneshot }),
        ("exec", A, A with { Arguments = ["x"] }),
        ("environment", A with { Environment = A.Environment.Add("X", "1") }, A with { Environment = A.Environment.Add("X", "2") }),
        ("requires", A, A with { Requires = ["x"] }),
        ("wants", A, A with { Wants = ["x"] }),
        ("after", A, A with { After = ["x"] }),
        ("socket.name", A, A with { SocketName = "x" }),
        ("socket.mode", A, A with { Socket = new SocketPolicy { Mode = 1 } }),
        ("socket.group", A, A with { Socket = new SocketPolicy { Group = "x" } }),
        ("socket.backlog", A, A with { Socket = new SocketPolicy { Backlog = 1 } }),
        ("socket.on_demand", A, A with { Socket = new SocketPolicy { OnDemand = true } }),
        ("socket.rolling", A, A with { Socket = new SocketPolicy { Rolling = false } }),
        ("fd_store_max", A, A with { FdStoreMax = 1 }),
        ("readiness.method", A, A with { Readiness = new ReadinessPolicy { Method = ReadinessMethod.Fd } }),
        ("readiness.timeout", A, A with { Readiness = Slow() }),
        ("watchdog.interval", A, A with { Watchdog = new WatchdogPolicy { Interval = TimeSpan.FromSeconds(1) } }),
        ("timer.every", Timer, Timer with { Timer = new TimerPolicy { Every = TimeSpan.FromMinutes(6) } }),
        ("timer.at", At("03:30"), At("03:31")),
        ("timer.timezone", At("03:30"), At("03:30") with { Timer = At("03:30").Timer! with { Zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin") } }),
        ("timer.jitter", Timer, Timer with { Timer = Timer.Timer! with { Jitter = TimeSpan.FromSeconds(1) } }),
        ("timer.catch_up", Timer, Timer with { Timer = Timer.Timer! with { CatchUp = true } }),
        ("restart.policy", A, A with { Restart = RestartPolicy.Never }),
        ("restart.initial", A, A with { Backoff = new BackoffPolicy { Initial = TimeSpan.FromSeconds(1) } }),
        ("restart.factor", A, A with { Backoff = new BackoffPolicy { Factor = 3 } }),
        ("restart.max", A, A with { Backoff = new BackoffPolicy { Max = TimeSpan.FromSeconds(1) } }),
        ("restart.jitter", A, A with { Backoff = new BackoffPolicy { Jitter = 0.5 } }),
        ("restart.reset_after", A, A with { Backoff = new BackoffPolicy { ResetAfter = TimeSpan.FromSeconds(1) } }),
        ("quarantine.crashes", A, A with { Quarantine = new QuarantinePolicy { Crashes = 1 } }),
        ("quarantine.window", A, A with { Quarantine = new QuarantinePolicy { Window = TimeSpan.FromSeconds(1) } }),
        ("strategy", A, A with { Strategy = RestartStrategy.OneForAll }),
        ("stop.signal", A, A with { StopSignal = StopSignal.SIGINT }),
        ("stop.drain", A, A with { DrainTimeout = TimeSpan.FromSeconds(1) }),
        ("limits.memory", A, A with { Limits = new LimitsPolicy { MemoryBytes = 1 } }),
        ("limits.cpu", A, A with { Limits = new LimitsPolicy { Cpus = 1 } }),
        ("limits.pids", A, A with { Limits = new LimitsPolicy { Pids = 1 } }),
        ("limits.open_files", A, A with { Limits = new LimitsPolicy { OpenFiles = 1 } }),
        ("confinement.user", A, A with { Confinement = new ConfinementPolicy { User = "x" } }),
        ("confinement.group", A, A with { Confinement = new ConfinementPolicy { Group = "x" } }),
        ("confinement.no_new_privileges", A, A with { Confinement = new ConfinementPolicy { NoNewPrivileges = false } }),
        ("confinement.keep_capabilities", A, A with { Confinement = new ConfinementPolicy { KeepCapabilities = ["CAP_CHOWN"] } }),
        ("confinement.read", A, A with { Confinement = new ConfinementPolicy { Read = ["/x"] } }),
        ("confinement.write", A, A with { Confinement = new ConfinementPolicy { Write = ["/x"] } }),
        ("confinement.execute", A, A with { Confinement = new ConfinementPolicy { Execute = ["/x"] } }),
        ("confinement.seccomp", A, A with { Confinement = new ConfinementPolicy { Seccomp = SeccompMode.Strict } }),
        ("confinement.processes", A, A with { Confinement = new ConfinementPolicy { Processes = ProcessReach.Own } }),
        ("confinement.network", A, A with { Confinement = new ConfinementPolicy { Network = NetworkAccess.None } }),
        ("confinement.private_tmp", A, A with { Confinement = new ConfinementPolicy { PrivateTmp = true } }),
        ("capabilities", A, A with { Capabilities = [Held] }),
        ("capabilities", A with { Capabilities = [Held] }, A with { Capabilities = [Held with { Service = "db" }] }),
        ("capabilities", A with { Capabilities = [Held] }, A with { Capabilities = [Held with { Rights = ["fs.open"] }] }),
        ("capabilities", A with { Capabilities = [Held] }, A with { Capabilities = [Held with { PathPrefix = "/x" }] }),
        ("capabilities", A with { Capabilities = [Held with { PathPrefix = "5rps" }] }, A with { Capabilities = [Held with { RateLimit = "5rps" }] }),
        ("capabilities", A with { Capabilities = [Held] }, A with { Capabilities = [Held with { RateLimit = "5rps" }] }),
        ("offers", A, A with { Offers = ["x"] }),
        ("log.max_bytes", A, A with { Log = new LogPolicy { MaxBytes = 1 } }),
        ("log.files", A, A with { Log = new LogPolicy { Files = 1 } }),
        ("log.rate", A, A with { Log = new LogPolicy { Rate = 1 } }),
    ];

    [Fact]
    public void No_field_is_left_out_here() =>
        Assert.Equal(FieldValues.All.Select(f => f.Path).Order(StringComparer.Ordinal), Changes.Select(c => c.Path).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void A_change_of_one_field_is_a_difference_of_that_field() =>
        Assert.All(Changes, change => Assert.Equal([change.Path], FieldValues.Differences(change.Before, change.After).Select(d => d.Path)));

    [Fact]
    public void A_right_is_not_taken_for_a_path_nor_a_confinement_for_none()
    {
        var two = A with { Capabilities = [Held with { Rights = ["fs.read", "x"] }] };
        Assert.Single(FieldValues.Differences(two, A with { Capabilities = [Held with { PathPrefix = "x" }] }));
        Assert.Contains("confinement.no_new_privileges", FieldValues.Differences(A, A with { Confinement = null }).Select(d => d.Path));
    }

    private static ReadinessPolicy Slow() => new() { Timeout = TimeSpan.FromSeconds(9) };

    private static ServiceManifest At(string text) => Timer with { Timer = new TimerPolicy { At = CalendarTime.TryParse(text, out var time) ? time : throw new ArgumentException(text) } };
}
