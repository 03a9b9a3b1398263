using System.Collections.Immutable;

namespace Strata.Supervision;

/// <summary>
/// Every field of a manifest file: the reader, the schema and the documentation follow this table, so a new field is a new
/// row here and a check in the validator.
/// </summary>
internal static class ManifestFields
{
    private const string NamePattern = "^[a-z][a-z0-9-]{0,62}$";
    private const string SocketPattern = "^[A-Za-z0-9_-][A-Za-z0-9._-]*$";

    /// <summary>A manifest without these is refused.</summary>
    private static readonly HashSet<string> Required = ["name", "exec"];

    /// <summary>What a file may set for a built-in service: nothing that changes what it is, whom it needs or where it listens.</summary>
    private static readonly HashSet<string> Tunable = ["$schema", "name", "environment", "readiness", "watchdog", "restart", "quarantine", "strategy", "stop", "log"];

    internal static ImmutableArray<ManifestField> All { get; } =
    [
        Of("$schema", new TextShape(),
            "where an editor finds the schema of this file", null,
            (m, _) => m),
        Of("name", new TextShape(ManifestLimits.MaxNameChars, NamePattern),
            "name of the service, the same as the file's", null,
            (m, v) => m with { Name = v }),
        Of("description", new TextShape(ManifestLimits.MaxDescriptionChars),
            "what the service is for, in a few words", "\"\"",
            (m, v) => m with { Description = v }),
        Of("kind", new ChoiceShape<ServiceKind>(("service", ServiceKind.Service), ("oneshot", ServiceKind.Oneshot), ("timer", ServiceKind.Timer)),
            "whether it serves until it is stopped, does its work once and ends, or does it at times; the last two have neither socket nor watchdog", "\"service\"",
            (m, v) => m with { Kind = v }),
        Of("exec", new TextListShape(1, ManifestLimits.MaxArguments + 1, ManifestLimits.MaxArgumentChars),
            "program and its arguments; an absolute path, or a name looked for beside the supervisor and in PATH", null,
            (m, v) => m with { Program = v[0], Arguments = v[1..] }),
        Of("environment", new TextMapShape(ManifestLimits.MaxEnvironment, ManifestLimits.MaxArgumentChars),
            "variables set for the process", "{}",
            (m, v) => m with { Environment = m.Environment.SetItems(v) }),
        Of("requires", new TextListShape(0, ManifestLimits.MaxDependencies, ManifestLimits.MaxNameChars),
            "services that must be Healthy, or oneshots that must be Completed, before this one is started", "[]",
            (m, v) => m with { Requires = v }),
        Of("wants", new TextListShape(0, ManifestLimits.MaxDependencies, ManifestLimits.MaxNameChars),
            "services waited for while they come up, and done without otherwise", "[]",
            (m, v) => m with { Wants = v }),
        Of("after", new TextListShape(0, ManifestLimits.MaxDependencies, ManifestLimits.MaxNameChars),
            "services waited for while they come up, without depending on them: a shutdown pays them no heed", "[]",
            (m, v) => m with { After = v }),
        Of("socket.name", new TextShape(ManifestLimits.MaxSocketNameChars, SocketPattern),
            "file name of the listening socket in the runtime directory; by default the service's name with .sock", null,
            (m, v) => m with { SocketName = v }),
        Of("socket.mode", new OctalShape(),
            "permission bits of the socket: who may write to it may connect", "\"0666\"",
            (m, v) => Listening(m, s => s with { Mode = v })),
        Of("socket.group", new TextShape(ManifestLimits.MaxAccountChars),
            "name or number of the group that owns the socket; by default the supervisor's", null,
            (m, v) => Listening(m, s => s with { Group = v })),
        Of("socket.backlog", new WholeNumberShape(ManifestRanges.Backlog),
            "connections that may wait to be accepted", "1024",
            (m, v) => Listening(m, s => s with { Backlog = v })),
        Of("socket.on_demand", new FlagShape(),
            "whether its process is started when somebody connects, and not before; once it has ended with exit code 0, the next connection starts it again", "false",
            (m, v) => Listening(m, s => s with { OnDemand = v })),
        Of("socket.rolling", new FlagShape(),
            "whether a rolling restart may run a second instance while the first one drains; false when only one at a time can hold its state", "true",
            (m, v) => Listening(m, s => s with { Rolling = v })),
        Of("fd_store_max", new WholeNumberShape(ManifestRanges.StoredDescriptors),
            "descriptors that are kept for its next instance when it sends FDSTORE=1", "0",
            (m, v) => m with { FdStoreMax = v }),
        Of("readiness.method", new ChoiceShape<ReadinessMethod>(
                ("notify", ReadinessMethod.Notify), ("fd", ReadinessMethod.Fd), ("none", ReadinessMethod.None), ("socket", ReadinessMethod.Connection)),
            "how it is known to be ready: READY=1 to NOTIFY_SOCKET, a newline to the descriptor that STRATA_READY_FD names, or at once with its process; socket is refused, since it would prove nothing", "\"notify\"",
            (m, v) => m with { Readiness = m.Readiness with { Method = v } }),
        Of("readiness.timeout", new DurationShape(ManifestRanges.ReadinessTimeout),
            "from start to readiness at most, or to the end of a oneshot or of a timer's run (default 10m, up to 24h); then it is killed, which counts as a crash", "\"5s\"",
            (m, v) => m with { Readiness = m.Readiness with { Timeout = v } }),
        Of("watchdog.interval", new DurationShape(ManifestRanges.WatchdogInterval),
            "longest silence before it is killed as hung; without it no sign of life is expected", null,
            (m, v) => m with { Watchdog = (m.Watchdog ?? new WatchdogPolicy { Interval = v }) with { Interval = v } }),
        Of("timer.every", new DurationShape(ManifestRanges.TimerEvery),
            "from one run of a timer to the next", null,
            (m, v) => Timed(m, t => t with { Every = v })),
        Of("timer.at", new CalendarShape(),
            "when a timer runs instead: a time of day, on all or some days of the week", null,
            (m, v) => Timed(m, t => t with { At = v })),
        Of("timer.timezone", new TimezoneShape(),
            "whose time of day that is", "\"UTC\"",
            (m, v) => Timed(m, t => t with { Zone = v })),
        Of("timer.jitter", new DurationShape(ManifestRanges.TimerJitter),
            "each run comes later by a random part of this", "\"0s\"",
            (m, v) => Timed(m, t => t with { Jitter = v })),
        Of("timer.catch_up", new FlagShape(),
            "whether times that passed without a run are made up for by one run, also those while the node was down", "false",
            (m, v) => Timed(m, t => t with { CatchUp = v })),
        Of("restart.policy", new ChoiceShape<RestartPolicy>(("always", RestartPolicy.Always), ("on_failure", RestartPolicy.OnFailure), ("never", RestartPolicy.Never)),
            "what follows when its process ends by itself: on_failure and never leave it Completed after exit code 0; of a timer, on_failure repeats a failed run", "\"always\"",
            (m, v) => m with { Restart = v }),
        Of("restart.initial", new DurationShape(ManifestRanges.Backoff),
            "wait after the first crash", "\"100ms\"",
            (m, v) => m with { Backoff = m.Backoff with { Initial = v } }),
        Of("restart.factor", new NumberShape(ManifestRanges.BackoffFactor),
            "growth of the wait from crash to crash", "2",
            (m, v) => m with { Backoff = m.Backoff with { Factor = v } }),
        Of("restart.max", new DurationShape(ManifestRanges.Backoff),
            "longest wait", "\"30s\"",
            (m, v) => m with { Backoff = m.Backoff with { Max = v } }),
        Of("restart.jitter", new NumberShape(ManifestRanges.BackoffJitter),
            "largest share of a wait that is taken off at random", "0.15",
            (m, v) => m with { Backoff = m.Backoff with { Jitter = v } }),
        Of("restart.reset_after", new DurationShape(ManifestRanges.BackoffReset),
            "health that makes the next crash count as the first", "\"1m\"",
            (m, v) => m with { Backoff = m.Backoff with { ResetAfter = v } }),
        Of("quarantine.crashes", new WholeNumberShape(ManifestRanges.QuarantineCrashes),
            "the crash after which it stays down until an operator starts it", "5",
            (m, v) => m with { Quarantine = m.Quarantine with { Crashes = v } }),
        Of("quarantine.window", new DurationShape(ManifestRanges.QuarantineWindow),
            "sliding window in which crashes count", "\"2m\"",
            (m, v) => m with { Quarantine = m.Quarantine with { Window = v } }),
        Of("strategy", new ChoiceShape<RestartStrategy>(
                ("one_for_one", RestartStrategy.OneForOne), ("rest_for_one", RestartStrategy.RestForOne), ("one_for_all", RestartStrategy.OneForAll)),
            "who is restarted with it when it crashes: nobody, all that require it, or its whole group", "\"one_for_one\"",
            (m, v) => m with { Strategy = v }),
        Of("stop.signal", new ChoiceShape<StopSignal>([.. Enum.GetValues<StopSignal>().Select(signal => (signal.ToString(), signal))]),
            "what asks it to end", "\"SIGTERM\"",
            (m, v) => m with { StopSignal = v }),
        Of("stop.drain", new DurationShape(ManifestRanges.Drain),
            "time to finish after that before it is killed", "\"2s\"",
            (m, v) => m with { DrainTimeout = v }),
        Of("limits.memory", new SizeShape(ManifestRanges.Memory),
            "memory of all its processes together", null,
            (m, v) => m with { Limits = m.Limits with { MemoryBytes = v } }),
        Of("limits.cpu", new NumberShape(ManifestRanges.Cpus),
            "processors' worth of time of all its processes together", null,
            (m, v) => m with { Limits = m.Limits with { Cpus = v } }),
        Of("limits.pids", new WholeNumberShape(ManifestRanges.Pids),
            "processes and threads at once", null,
            (m, v) => m with { Limits = m.Limits with { Pids = v } }),
        Of("limits.open_files", new WholeNumberShape(ManifestRanges.OpenFiles),
            "open descriptors of each process", null,
            (m, v) => m with { Limits = m.Limits with { OpenFiles = v } }),
        Of("confinement.user", new TextShape(ManifestLimits.MaxAccountChars),
            "name or number of the user it runs as; by default the supervisor's", null,
            (m, v) => Confined(m, c => c with { User = v })),
        Of("confinement.group", new TextShape(ManifestLimits.MaxAccountChars),
            "name or number of the group; by default the user's own", null,
            (m, v) => Confined(m, c => c with { Group = v })),
        Of("confinement.no_new_privileges", new FlagShape(),
            "whether set-user-id programs give it nothing", "true",
            (m, v) => Confined(m, c => c with { NoNewPrivileges = v })),
        Of("confinement.keep_capabilities", new TextListShape(0, ManifestLimits.MaxCapabilities, ManifestLimits.MaxCapabilityChars),
            "kernel capabilities it keeps, for example CAP_NET_BIND_SERVICE", "[]",
            (m, v) => Confined(m, c => c with { KeepCapabilities = v })),
        Of("confinement.read", new TextListShape(0, ManifestLimits.MaxPaths, ManifestLimits.MaxProgramChars),
            "paths it may read, absolute or beginning with $STRATA_STATE_DIR, $STRATA_RUNTIME_DIR or $PROGRAM_DIR; once a path is named here or in the next two, all others but the system's programs are closed", "[]",
            (m, v) => Confined(m, c => c with { Read = v })),
        Of("confinement.write", new TextListShape(0, ManifestLimits.MaxPaths, ManifestLimits.MaxProgramChars),
            "paths it may read and change", "[]",
            (m, v) => Confined(m, c => c with { Write = v })),
        Of("confinement.execute", new TextListShape(0, ManifestLimits.MaxPaths, ManifestLimits.MaxProgramChars),
            "paths it may read and execute", "[]",
            (m, v) => Confined(m, c => c with { Execute = v })),
        Of("confinement.seccomp", new ChoiceShape<SeccompMode>(("default", SeccompMode.Default), ("strict", SeccompMode.Strict), ("namespaces", SeccompMode.Namespaces), ("none", SeccompMode.None)),
            "system calls: all but those that only attackers need; also no sockets but Unix ones and no other program; mounts, namespaces and tracing as well; or all", "\"default\"",
            (m, v) => Confined(m, c => c with { Seccomp = v })),
        Of("confinement.processes", new ChoiceShape<ProcessReach>(("all", ProcessReach.All), ("own", ProcessReach.Own)),
            "which processes it may signal and trace: all that its user may, or what it has started alone", "\"all\"",
            (m, v) => Confined(m, c => c with { Processes = v })),
        Of("confinement.network", new ChoiceShape<NetworkAccess>(("host", NetworkAccess.Host), ("none", NetworkAccess.None)),
            "the machine's network, or one of its own without a way out", "\"host\"",
            (m, v) => Confined(m, c => c with { Network = v })),
        Of("confinement.private_tmp", new FlagShape(),
            "whether /tmp is its own and empty", "false",
            (m, v) => Confined(m, c => c with { PrivateTmp = v })),
        Of("capabilities", new CapabilityListShape(),
            "what it may ask of other services: for each the service, rights, and constraints (path_prefix, rate_limit); it is handed exactly these capabilities and requires identity", "[]",
            (m, v) => m with { Capabilities = v }),
        Of("offers", new TextListShape(0, ManifestLimits.MaxOffers, ManifestLimits.MaxRightChars),
            "rights that its methods ask for; the capabilities of others are checked against them", "[]",
            (m, v) => m with { Offers = v }),
        Of("log.max_bytes", new SizeShape(ManifestRanges.LogBytes),
            "size at which a file of what it prints is closed and the next begun", "\"1M\"",
            (m, v) => m with { Log = m.Log with { MaxBytes = v } }),
        Of("log.files", new WholeNumberShape(ManifestRanges.LogFiles),
            "how many of these files are kept", "4",
            (m, v) => m with { Log = m.Log with { Files = v } }),
        Of("log.rate", new WholeNumberShape(ManifestRanges.LogRate),
            "lines a second that are kept for long; more are counted and dropped", "1000",
            (m, v) => m with { Log = m.Log with { Rate = v } }),
    ];

    /// <summary>What a file may set for fs beside that: its roots, and whether it reads what other users keep to themselves.</summary>
    private static readonly HashSet<string> TunableOfFs = ["confinement.read", "confinement.keep_capabilities"];

    /// <summary>What a file may set for a built-in service, for people.</summary>
    internal static string TunableNames { get; } = string.Join(", ", Tunable.Where(name => name != "name" && name[0] != '$'));

    /// <summary>Whether a file may set a field of this built-in service.</summary>
    internal static bool IsTunable(ServiceManifest builtIn, ManifestField field) => field.IsTunable || (builtIn.Name == BuiltInManifests.Fs.Name && TunableOfFs.Contains(field.Path));

    /// <summary>The row of a field; null when there is none.</summary>
    internal static ManifestField? Find(string path) => ByPath.GetValueOrDefault(path);

    /// <summary>Whether fields lie inside an object of this path.</summary>
    internal static bool IsObject(string path) => Objects.Contains(path);

    /// <summary>The names inside an object; of the file itself for an empty path. In the table's order.</summary>
    internal static IEnumerable<string> NamesIn(string path)
    {
        var prefix = path.Length == 0 ? "" : path + ".";
        return All.Where(f => f.Path.StartsWith(prefix, StringComparison.Ordinal)).Select(f => f.Path[prefix.Length..].Split('.')[0]).Distinct();
    }

    private static ServiceManifest Timed(ServiceManifest manifest, Func<TimerPolicy, TimerPolicy> change) =>
        manifest with { Timer = change(manifest.Timer ?? new TimerPolicy()) };

    /// <summary>What null means in place of an object; null when it is a fault there.</summary>
    internal static Func<ServiceManifest, ServiceManifest>? Absent(string path) =>
        path == "socket" ? manifest => manifest with { Socket = null } : null;

    private static ServiceManifest Listening(ServiceManifest manifest, Func<SocketPolicy, SocketPolicy> change) =>
        manifest with { Socket = change(manifest.Socket ?? SocketPolicy.Default) };

    private static ServiceManifest Confined(ServiceManifest manifest, Func<ConfinementPolicy, ConfinementPolicy> change) =>
        manifest with { Confinement = change(manifest.Confinement ?? ConfinementPolicy.Default) };

    private static ManifestField Of<T>(string path, FieldShape<T> shape, string description, string? preset, Func<ServiceManifest, T, ServiceManifest> set) => new()
    {
        Path = path,
        Description = description,
        Default = preset,
        Range = shape.Range,
        IsRequired = Required.Contains(path),
        IsTunable = Tunable.Contains(path.Split('.')[0]),
        WriteShape = shape.WriteSchema,
        Apply = (manifest, piece, faults) => shape.TryRead(piece, path, faults, out var value) ? set(manifest, value) : manifest,
    };

    private static Dictionary<string, ManifestField> ByPath { get; } = All.ToDictionary(f => f.Path, StringComparer.Ordinal);

    private static HashSet<string> Objects { get; } =
        [.. All.SelectMany(f => f.Path.Split('.').Index().Where(part => part.Index > 0).Select(part => string.Join('.', f.Path.Split('.').Take(part.Index))))];
}
