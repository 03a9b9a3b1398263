using System.Collections.Concurrent;
using System.Globalization;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>What this machine cannot mount with owners shown as others, learned from mounts that failed. Sandboxes that take such mounts share the ids of what is on disk.</summary>
internal sealed class UnmappedMounts
{
    private const string Everything = "everything";
    private const string Overlays = "overlays";
    private const string Memory = "memory";

    private readonly ConcurrentDictionary<string, string> _faults = new(StringComparer.Ordinal);

    /// <summary>What cannot be mounted so, for people.</summary>
    internal IEnumerable<string> Texts => _faults.Values.Order(StringComparer.Ordinal);

    /// <summary>Whether a sandbox takes what cannot be mounted so.</summary>
    internal bool Concern(SandboxPlan plan) => !_faults.IsEmpty
        && (_faults.ContainsKey(Everything) || (plan.NeedsOverlay && _faults.ContainsKey(Overlays)) || (plan.Limits.DiskBytes is not null && _faults.ContainsKey(Memory))
            || PlacesOf(plan).Any(place => _faults.ContainsKey(DeviceOf(place))));

    /// <summary>What a failed call of the making of a sandbox with ids of its own says of the machine: something to <see cref="Learn"/>, or null when it failed for another reason.</summary>
    internal static (string Key, string Text)? LessonOf(SandboxPlan plan, string call, int result)
    {
        string fault = new LinuxException(result, call).Message;
        string? source = call.StartsWith("mount_setattr(", StringComparison.Ordinal) ? call["mount_setattr(".Length..^1] : null;
        return (-result) switch
        {
            Errno.ENOSYS when source is not null || call.StartsWith("open_tree(", StringComparison.Ordinal) || call.StartsWith("move_mount(", StringComparison.Ordinal)
                => (Everything, $"this kernel has no such mounts ({fault})"),
            Errno.EINVAL or Errno.EPERM or Errno.EOPNOTSUPP when source is not null => PlacesOf(plan).Contains(source)
                ? (DeviceOf(source), $"the file system of {source} cannot be mounted so ({fault})") : (Memory, $"file systems in memory cannot be mounted so ({fault})"),
            Errno.EINVAL when plan.NeedsOverlay && call.StartsWith("mount(", StringComparison.Ordinal) => (Overlays, $"overlays cannot lie on such mounts ({fault})"),
            _ => null,
        };
    }

    /// <summary>What the namespaces for them could not be made for.</summary>
    internal static (string Key, string Text) LessonOf(Exception fault) =>
        (Everything, $"the namespaces for them were refused, which take CAP_SETFCAP of the service and a root that is the host's own ({fault.Message})");

    /// <summary>Keeps it.</summary>
    internal void Learn((string Key, string Text) lesson) => _faults[lesson.Key] = lesson.Text;

    private static IEnumerable<string> PlacesOf(SandboxPlan plan) =>
        [SandboxRoot.Upper(plan), plan.ChangesDirectory, .. plan.Lower, .. plan.WorkspaceDirectory is { } workspace ? [workspace] : Array.Empty<string>()];

    private static string DeviceOf(string path) =>
        string.Create(CultureInfo.InvariantCulture, $"device {(FileStatus.TryGetNoFollow(path, out var status) < 0 ? 0 : status.Device)}");
}
