using System.Collections.Immutable;
using System.Globalization;
using static Strata.Supervision.FieldEffect;

namespace Strata.Supervision;

/// <summary>
/// How two manifests are compared, field by field, and what a difference takes. A test holds this against the table of
/// fields, so that no field can change without being seen.
/// </summary>
internal static class FieldValues
{
    internal static ImmutableArray<(string Path, FieldEffect Effect, Func<ServiceManifest, string> ValueOf)> All { get; } =
    [
        ("description", Live, m => m.Description),
        ("kind", Restart, m => m.Kind.ToString()),
        ("exec", Restart, m => Text([m.Program, .. m.Arguments])),
        ("environment", Restart, m => Text([.. m.Environment.OrderBy(v => v.Key, StringComparer.Ordinal).SelectMany(v => new[] { v.Key, v.Value })])),
        // Order matters when something comes up. A service that runs has come up.
        ("requires", Live, m => Text(m.Requires)),
        ("wants", Live, m => Text(m.Wants)),
        ("after", Live, m => Text(m.After)),
        ("socket.name", Restart, m => Text(m.EffectiveSocketName)),
        // Of the socket itself, which outlives its service.
        ("socket.mode", Live, m => Text(m.Socket?.Mode)),
        ("socket.group", Live, m => Text(m.Socket?.Group)),
        ("socket.backlog", Live, m => Text(m.Socket?.Backlog)),
        // What waits for a connection is to be started, or what runs is to wait for one.
        ("socket.on_demand", Restart, m => Text(m.IsOnDemand)),
        ("socket.rolling", Live, m => Text(m.Socket?.Rolling)),
        ("fd_store_max", Live, m => Text(m.FdStoreMax)),
        // Its process was given a descriptor and a variable for it.
        ("readiness.method", Restart, m => m.Readiness.Method.ToString()),
        ("readiness.timeout", Live, m => Text(m.ReadyTimeout)),
        // Its process was told how often to give a sign of life.
        ("watchdog.interval", Restart, m => Text(m.Watchdog?.Interval)),
        ("timer.every", Live, m => Text(m.Timer?.Every)),
        ("timer.at", Live, m => Text(m.Timer?.At)),
        ("timer.timezone", Live, m => Text(m.Timer?.Zone.Id)),
        ("timer.jitter", Live, m => Text(m.Timer?.Jitter)),
        ("timer.catch_up", Live, m => Text(m.Timer?.CatchUp)),
        ("restart.policy", Live, m => m.Restart.ToString()),
        ("restart.initial", Live, m => Text(m.Backoff.Initial)),
        ("restart.factor", Live, m => Text(m.Backoff.Factor)),
        ("restart.max", Live, m => Text(m.Backoff.Max)),
        ("restart.jitter", Live, m => Text(m.Backoff.Jitter)),
        ("restart.reset_after", Live, m => Text(m.Backoff.ResetAfter)),
        ("quarantine.crashes", Live, m => Text(m.Quarantine.Crashes)),
        ("quarantine.window", Live, m => Text(m.Quarantine.Window)),
        ("strategy", Live, m => m.Strategy.ToString()),
        ("stop.signal", Live, m => m.StopSignal.ToString()),
        ("stop.drain", Live, m => Text(m.DrainTimeout)),
        ("limits.memory", Restart, m => Text(m.Limits.MemoryBytes)),
        ("limits.cpu", Restart, m => Text(m.Limits.Cpus)),
        ("limits.pids", Restart, m => Text(m.Limits.Pids)),
        ("limits.open_files", Restart, m => Text(m.Limits.OpenFiles)),
        ("confinement.user", Restart, m => Text(m.Confinement?.User)),
        ("confinement.group", Restart, m => Text(m.Confinement?.Group)),
        ("confinement.no_new_privileges", Restart, m => Text(m.Confinement?.NoNewPrivileges)),
        ("confinement.keep_capabilities", Restart, m => Text(m.Confinement?.KeepCapabilities ?? [])),
        ("confinement.read", Restart, m => Text(m.Confinement?.Read ?? [])),
        ("confinement.write", Restart, m => Text(m.Confinement?.Write ?? [])),
        ("confinement.execute", Restart, m => Text(m.Confinement?.Execute ?? [])),
        ("confinement.seccomp", Restart, m => Text(m.Confinement?.Seccomp)),
        ("confinement.processes", Restart, m => Text(m.Confinement?.Processes)),
        ("confinement.network", Restart, m => Text(m.Confinement?.Network)),
        ("confinement.private_tmp", Restart, m => Text(m.Confinement?.PrivateTmp)),
        // An instance keeps what it was handed at its start.
        ("capabilities", Restart, m => Text([.. m.Capabilities.SelectMany(held => (string[])[held.Service, .. held.Rights, "", held.PathPrefix ?? "", held.RateLimit ?? ""])])),
        ("offers", Live, m => Text(m.Offers)),
        ("log.max_bytes", Live, m => Text(m.Log.MaxBytes)),
        ("log.files", Live, m => Text(m.Log.Files)),
        ("log.rate", Live, m => Text(m.Log.Rate)),
    ];

    /// <summary>Fields that say nothing about how a service runs: its name, which does not change, and a note to editors.</summary>
    internal static ImmutableArray<string> NotCompared { get; } = ["$schema", "name"];

    /// <summary>The fields in which two manifests of one service differ.</summary>
    internal static ImmutableArray<(string Path, FieldEffect Effect)> Differences(ServiceManifest before, ServiceManifest after) =>
        [.. All.Where(field => field.ValueOf(before) != field.ValueOf(after)).Select(field => (field.Path, field.Effect))];

    // No text of a manifest holds a NUL, so two different lists never look alike.
    private static string Text(ImmutableArray<string> list) => string.Concat(list.Select(item => item + "\0"));

    private static string Text<T>(T value) => string.Create(CultureInfo.InvariantCulture, $"{value}");
}
