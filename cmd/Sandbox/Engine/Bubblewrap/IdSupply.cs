using System.Globalization;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>Gives each sandbox its users: ids of its own where this service and this machine can, otherwise those of what is on disk.</summary>
/// <param name="engine">Starts processes.</param>
/// <param name="stateDirectory">Where ids are reserved for this service alone when they cannot be for the machine; null for nowhere.</param>
internal sealed class IdSupply(BubblewrapEngine engine, string? stateDirectory) : IDisposable
{
    private const string Remedy =
        "kernel 5.19, 6.3 for limits.disk_bytes, and a state directory on a file system that mounts can show with other owners (ext4, xfs, btrfs): until then sandboxes are one range of users on the host, apart by their namespaces alone";

    private readonly Lock _guard = new();
    private readonly UnmappedMounts _unmapped = new();
    private IdRanges? _ranges;
    private string _reserved = "";

    /// <summary>Takes some for a sandbox.</summary>
    /// <exception cref="SandboxException">All are taken.</exception>
    internal async Task<IdRange> TakeAsync(SandboxPlan plan, CancellationToken cancellation)
    {
        if (SandboxIds.OnDisk.IsSingle || _unmapped.Concern(plan) || Ranges() is not { } ranges)
        {
            return IdRange.OfDisk;
        }

        int range = ranges.Take();
        try
        {
            var mapping = await ranges.MappingAsync(range, ids => MappingNamespace.MakeAsync(engine, ids, cancellation)).ConfigureAwait(false);
            return new IdRange(IdRanges.IdsOf(range), mapping, () => ranges.GiveBack(range));
        }
        catch (LinuxException e) when (e.Errno is Errno.EPERM or Errno.EINVAL)
        {
            ranges.GiveBack(range);
            _unmapped.Learn(UnmappedMounts.LessonOf(e)); // This machine's root is not the host's, or its ids end earlier.
            return IdRange.OfDisk;
        }
        catch
        {
            ranges.GiveBack(range);
            throw;
        }
    }

    /// <summary>From now on sandboxes that take such mounts have the ids of what is on disk.</summary>
    internal void Learn((string Key, string Text) lesson) => _unmapped.Learn(lesson);

    /// <summary>What sandboxes have for users, as far as it is known.</summary>
    internal EngineFinding Finding()
    {
        if (SandboxIds.OnDisk.IsSingle)
        {
            return new("ids", false, "a sandbox has one user, the service's own, whom all sandboxes share; ranges of /etc/subuid are not used", "run the node as root: then each sandbox has users of its own, which own nothing on the host");
        }

        string[] faults = [.. _unmapped.Texts];
        return faults.Length > 0
            ? new("ids", false, string.Create(CultureInfo.InvariantCulture, $"sandboxes share the users from {SandboxIds.FirstOnDisk} on: {string.Join("; ", faults)}"), Remedy)
            : new("ids", true, string.Create(CultureInfo.InvariantCulture, $"each sandbox has {SandboxIds.Range} users of its own, from {IdRanges.IdsOf(0).First} on{_reserved}; on disk they are those from {SandboxIds.FirstOnDisk} on"), null);
    }

    public void Dispose() => _ranges?.Dispose();

    private IdRanges? Ranges()
    {
        lock (_guard)
        {
            if (_ranges is not null)
            {
                return _ranges;
            }

            foreach (string directory in stateDirectory is null ? [IdRanges.MachineDirectory] : new[] { IdRanges.MachineDirectory, Path.Combine(stateDirectory, "ids") })
            {
                try
                {
                    _ranges = new IdRanges(directory, LivingUsers.Here);
                    _reserved = $", reserved in {directory}";
                    return _ranges;
                }
                catch (Exception e) when (e is LinuxException or UnsafeDirectoryException)
                {
                    _reserved = e.Message;
                }
            }

            _unmapped.Learn(("reserving", $"they cannot be reserved: {_reserved}"));
            return null;
        }
    }
}
