using System.Collections.Concurrent;
using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>Turns a manifest into a process, on the one thread whose end would end those services that end with the supervisor.</summary>
/// <param name="thread">That thread.</param>
/// <param name="programs">Path of every service's program.</param>
/// <param name="sockets">Whose listening socket becomes the service's descriptor 3.</param>
/// <param name="environment">What services see.</param>
/// <param name="logs">Takes what services print.</param>
/// <param name="capabilities">Hands services what they may ask of others.</param>
internal sealed partial class Launcher(
    SpawnThread thread, IReadOnlyDictionary<string, string> programs, NodeSockets sockets, ChildEnvironment environment, LogCapture logs, CapabilityKeeper capabilities)
{
    private readonly ConcurrentDictionary<string, ServiceGroup> _running = new(StringComparer.Ordinal);
    private IReadOnlyDictionary<string, string> _programs = programs;
    private readonly Lazy<ControlGroups> _groups = new(() =>
    {
        var groups = ControlGroups.Discover();
        groups.Settle();
        return groups;
    });

    /// <summary>Whether every process ends with the supervisor, however that ends.</summary>
    internal bool ChildrenEnd { get; init; }

    /// <summary>Keeps what services print.</summary>
    internal LogCapture Logs => logs;

    /// <summary>What services gave into safe keeping.</summary>
    internal DescriptorStore Stored { get; } = new();

    /// <summary>The listening socket of a service as the only item; nothing for one without.</summary>
    internal IReadOnlyList<int> SocketOf(string service) => sockets.DescriptorsOf(service);

    /// <summary>Where manifests say what.</summary>
    internal ManifestPlaces Places { get; } = new();

    /// <summary>What was denied to services.</summary>
    internal DenialBook Denials { get; } = new();

    /// <summary>Holds what services may ask of others.</summary>
    internal CapabilityKeeper Capabilities => capabilities;

    /// <summary>Goes on with an instance that an earlier supervisor started.</summary>
    internal void Adopt(ServiceManifest manifest, int incarnation, ServiceGroup? group)
    {
        if (group is not null)
        {
            _running[manifest.Name] = group;
        }

        logs.Adopt(manifest, incarnation);
        capabilities.Adopt(manifest, incarnation, manifest.Confinement is { } policy ? Accounts.OfThisMachine().Of(policy) : null);
    }

    /// <summary>An instance has ended and nothing of it is left.</summary>
    internal void Ended(string service, int incarnation)
    {
        logs.Ended(service, incarnation);
        capabilities.Withdraw(service, incarnation);
    }

    /// <summary>The process of a service has ended whose group this is: what its limits denied is counted.</summary>
    internal void GroupEnded(string service, ServiceGroup group)
    {
        _ = _running.TryRemove(service, out _);
        Denials.Add(service, "limits.memory", group.KilledForMemory, null);
        Denials.Add(service, "limits.pids", group.RefusedProcesses, null);
    }

    /// <summary>Starts the process of a service; a failure is the task's exception.</summary>
    /// <param name="manifest">The service.</param>
    /// <param name="incarnation">Which of its lives this is.</param>
    /// <param name="readiness">Where it announces readiness by <see cref="ReadinessMethod.Fd"/>, which becomes its descriptor after the socket; else null.</param>
    /// <param name="born">Told, on another thread, of the process and its control group before its program begins; if it throws, that never does.</param>
    internal async Task<ChildProcess> LaunchAsync(ServiceManifest manifest, int incarnation, FileDescriptor? readiness, Action<int, ServiceGroup?> born)
    {
        var program = _programs[manifest.Name];
        string[] places = [environment.RuntimeDir, Path.GetDirectoryName(program) ?? "/"];
        var confinement = Confinements.Of(PolicyOf(manifest), Accounts.OfThisMachine, places);
        var limits = LimitsOf(manifest, confinement);
        var held = await capabilities.GrantAsync(manifest, incarnation, confinement?.User).ConfigureAwait(false);
        var groups = _groups.Value;
        ServiceGroup? group = null;
        try
        {
            group = limits.Whole is { } whole ? groups.Create(manifest.Name, whole) : null;
            using var pipes = logs.Open(manifest, incarnation);
            using var stored = Stored.Copy(manifest.Name);
            var request = new SpawnRequest
            {
                Program = program,
                Arguments = [program, .. manifest.Arguments],
                Environment = environment.For(manifest, held, stored.Names),
                StandardOutput = pipes.Output,
                StandardError = pipes.Error,
                ExtraDescriptors = [.. sockets.DescriptorsOf(manifest.Name), .. stored.Numbers, .. readiness is null ? [] : new[] { readiness.Number }],
                WorkingDirectory = "/",
                NewSession = true,
                Confinement = held is null ? confinement : Confinements.AllowRead(confinement, capabilities.DirectoryOf(manifest.Name)),
                Limits = limits.Each,
                Group = group,
                EndsWithParent = ChildrenEnd,
                BeforeStart = pid => born(pid, group),
            };
            var child = await thread.SpawnAsync(request).ConfigureAwait(false);
            if (group is not null)
            {
                _running[manifest.Name] = group;
            }

            return child;
        }
        catch
        {
            group?.Kill();
            group?.TryRemove();
            capabilities.Withdraw(manifest.Name, incarnation);
            throw;
        }
    }

    /// <summary>What is in force for a service.</summary>
    internal Enforcement EnforcementOf(ServiceManifest manifest) =>
        new(EnforcerOf(manifest), Confinements.Words(PolicyOf(manifest)), Confinements.Lacking(manifest.Confinement, MachineOffers.Here), DeniedTo(manifest.Name));

    /// <summary>What was denied to a service so far, also by the limits of the instance that runs.</summary>
    private SortedDictionary<string, long> DeniedTo(string service)
    {
        var denied = new SortedDictionary<string, long>(Denials.Of(service).ToDictionary(), StringComparer.Ordinal);
        if (_running.TryGetValue(service, out var group))
        {
            foreach (var (what, times) in new[] { ("limits.memory", group.KilledForMemory), ("limits.pids", group.RefusedProcesses) }.Where(limit => limit.Item2 > 0))
            {
                denied[what] = denied.GetValueOrDefault(what) + times;
            }
        }

        return denied;
    }

    /// <summary>The user that a service runs as; the supervisor's own also where the manifest's cannot be found.</summary>
    internal uint UidOf(ServiceManifest manifest)
    {
        try
        {
            return Confinements.Of(PolicyOf(manifest), Accounts.OfThisMachine, [])?.User?.Uid ?? UserId.Effective;
        }
        catch (ConfinementException)
        {
            return UserId.Effective;
        }
    }

    private ConfinementPolicy? PolicyOf(ServiceManifest manifest) =>
        Confinements.Here(BridgePowers.In(manifest, environment, PassphrasePlaces.In(manifest, environment, ServedRoots.In(manifest, environment))), environment.DirectoriesOf(_programs.GetValueOrDefault(manifest.Name, "/")), Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory), MachineOffers.Here);

    private string EnforcerOf(ServiceManifest manifest)
    {
        try
        {
            return SpawnLimits.NameOf(LimitsOf(manifest, Confinements.Of(PolicyOf(manifest), Accounts.OfThisMachine, [])).Mechanism);
        }
        catch (ConfinementException)
        {
            return SpawnLimits.NameOf(LimitMechanism.None); // It is not started either, and its crash says why.
        }
    }

    private SpawnLimits LimitsOf(ServiceManifest manifest, Linux.Confinement? confinement) =>
        SpawnLimits.Choose(manifest.Limits, () => _groups.Value.Plan, runsAsRoot: (confinement?.User?.Uid ?? UserId.Effective) == 0);
}
