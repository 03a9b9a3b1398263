using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>Turns a manifest into a process, on the one thread whose end would end all services.</summary>
/// <param name="thread">That thread.</param>
/// <param name="programs">Path of every service's program.</param>
/// <param name="sockets">Whose listening socket becomes the service's descriptor 3.</param>
/// <param name="environment">What services see.</param>
internal sealed class Launcher(SpawnThread thread, IReadOnlyDictionary<string, string> programs, NodeSockets sockets, ChildEnvironment environment)
{
    private const int StandardOutput = 1;
    private const int StandardError = 2;

    private readonly Lazy<ControlGroups> _groups = new(ControlGroups.Discover);

    /// <summary>Starts the process of a service; a failure is the task's exception.</summary>
    internal async Task<ChildProcess> LaunchAsync(ServiceManifest manifest)
    {
        var program = programs[manifest.Name];
        string[] places = [environment.RuntimeDir, Path.GetDirectoryName(program) ?? "/"];
        var confinement = Confinements.Of(manifest.Confinement, Accounts.OfThisMachine, places);
        var limits = LimitsOf(manifest, confinement);
        var group = limits.Whole is { } whole ? _groups.Value.Create(manifest.Name, whole) : null;
        try
        {
            return await thread.SpawnAsync(RequestOf(manifest, program) with { Confinement = confinement, Limits = limits.Each, Group = group }).ConfigureAwait(false);
        }
        catch
        {
            group?.Kill();
            group?.TryRemove();
            throw;
        }
    }

    /// <summary>What enforces a service's limits, as <c>svc.list</c> names it.</summary>
    internal string EnforcerOf(ServiceManifest manifest)
    {
        try
        {
            return SpawnLimits.NameOf(LimitsOf(manifest, Confinements.Of(manifest.Confinement, Accounts.OfThisMachine, [])).Mechanism);
        }
        catch (ConfinementException)
        {
            return SpawnLimits.NameOf(LimitMechanism.None); // It is not started either, and its crash says why.
        }
    }

    private SpawnLimits LimitsOf(ServiceManifest manifest, Linux.Confinement? confinement) =>
        SpawnLimits.Choose(manifest.Limits, () => _groups.Value.Plan, runsAsRoot: (confinement?.User?.Uid ?? UserId.Effective) == 0);

    private SpawnRequest RequestOf(ServiceManifest manifest, string program) => new()
    {
        Program = program,
        Arguments = [program, .. manifest.Arguments],
        Environment = environment.For(manifest),
        StandardOutput = StandardOutput,
        StandardError = StandardError,
        ExtraDescriptors = sockets.DescriptorsOf(manifest.Name),
        WorkingDirectory = "/",
        NewSession = true,
    };
}
