using Strata.Hosting;
using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>
/// Every socket of the node, bound before anything is started and kept while services come and go: who connects to a
/// service that restarts waits, and is not refused.
/// </summary>
internal sealed partial class NodeSockets : IDisposable
{
    internal const string NotifyName = "notify.sock";

    private const int NotifyMode = 0x180; // 0600
    private const int SocketMode = 0x1B6; // 0666: whether a caller may do anything is decided by capability, not by reach.

    private readonly Dictionary<string, UnixListener> _listeners = new(StringComparer.Ordinal);
    private readonly Dictionary<UnixListener, SocketPolicy> _policies = [];

    private readonly NodeSettings _settings;

    private NodeSockets(NodeSettings settings, NotifySocket notify) => (_settings, Notify) = (settings, notify);

    /// <summary>Where services announce themselves.</summary>
    internal NotifySocket Notify { get; }

    /// <summary>The supervisor's own; its server takes it over.</summary>
    internal UnixListener Own => _listeners[NodePlan.SupervisorName];

    /// <summary>Binds all; what a killed supervisor left is replaced. Only under the lock.</summary>
    /// <exception cref="LinuxException">A path is taken by something that is no socket, ...</exception>
    /// <exception cref="ArgumentException">A path is too long, or a group does not exist; see <see cref="FaultsOf"/>.</exception>
    /// <param name="settings">The node.</param>
    /// <param name="plan">Its services.</param>
    /// <param name="taken">Sockets taken over from an earlier supervisor, with whoever waits on them; owned from now on.</param>
    /// <param name="handover">From the program that this one has replaced, if it has.</param>
    internal static NodeSockets Bind(NodeSettings settings, NodePlan plan, IReadOnlyDictionary<string, UnixListener>? taken = null, Handover? handover = null)
    {
        var sockets = new NodeSockets(settings, NotifySocket.Bind(Path.Combine(settings.RuntimeDir, NotifyName), NotifyModeFor(plan), replaceExisting: true));
        try
        {
            var own = settings.SocketOf(NodePlan.SupervisorName);
            sockets._listeners.Add(NodePlan.SupervisorName, handover?.TakeListener(NodePlan.SupervisorName, own) ?? Listen(own, SocketPolicy.Default));
            foreach (var manifest in plan.Manifests.Values.Where(m => m.EffectiveSocketName is not null))
            {
                sockets._listeners.Add(manifest.Name, (taken?.GetValueOrDefault(manifest.Name) ?? handover?.TakeListener(manifest.Name, PathOf(settings, manifest))) is { } listener ? sockets.Keep(listener, manifest) : sockets.ListenFor(manifest));
            }

            return sockets;
        }
        catch
        {
            sockets.Dispose();
            throw;
        }
    }

    /// <summary>A fault for each manifest whose socket cannot have the group it asks for.</summary>
    internal static IEnumerable<ManifestFault> FaultsOf(NodePlan plan, Accounts accounts)
    {
        foreach (var manifest in plan.Manifests.Values.Where(m => m is { EffectiveSocketName: not null, Socket.Group: not null }))
        {
            var group = manifest.Socket!.Group!;
            if (accounts.FindGroup(group) is null)
            {
                yield return new ManifestFault(manifest.Name, "socket.group", $"there is no group '{group}' in /etc/group; make it, or give its number");
            }
        }
    }

    /// <summary>Where a service listens that has a socket.</summary>
    internal static string PathOf(NodeSettings settings, ServiceManifest manifest) => Path.Combine(settings.RuntimeDir, manifest.EffectiveSocketName!);

    /// <summary>The descriptors a service inherits: its socket, unless it has none.</summary>
    internal IReadOnlyList<int> DescriptorsOf(string service) => _listeners.TryGetValue(service, out var listener) ? [listener.Handle.Number] : [];

    /// <summary>Inode numbers of a service's socket and of its path, by which a later supervisor knows them; null without a socket.</summary>
    internal (ulong Socket, ulong Path)? IdentityOf(string service) => !_listeners.TryGetValue(service, out var listener) ? null
        : FileStatus.TryGet(listener.Handle.Number, out var socket) == 0 && FileStatus.TryGetNoFollow(listener.Path!, out var path) == 0 ? (socket.Inode, path.Inode)
        : null;

    /// <summary>Every listening socket, for a program that takes this one's place.</summary>
    internal IEnumerable<(string Name, int Number)> Descriptors => _listeners.Select(one => (one.Key, one.Value.Handle.Number));

    /// <summary>Closes and removes all.</summary>
    public void Dispose()
    {
        Notify.Dispose();
        Unlink(Notify.Path);
        foreach (var listener in _listeners.Values.Distinct())
        {
            listener.Dispose();
            Unlink(listener.Path!);
        }
    }

    // Who sends is told by the kernel; yet strangers are kept from filling the queue unless services of other users must reach it.
    private static int NotifyModeFor(NodePlan plan) => plan.Manifests.Values.Any(m => m.Confinement?.User is not null) ? SocketMode : NotifyMode;

    // One that was taken over waits, or does not, as its service has made it; only mode, group and backlog are as declared.
    private UnixListener Keep(UnixListener listener, ServiceManifest manifest)
    {
        listener.Adjust(manifest.Socket!.Mode, manifest.Socket.Backlog, GroupOf(manifest.Socket));
        _policies.Add(listener, manifest.Socket);
        return listener;
    }

    private UnixListener ListenFor(ServiceManifest manifest)
    {
        var listener = Listen(PathOf(_settings, manifest), manifest.Socket!);
        _policies.Add(listener, manifest.Socket!);
        // As authors of services in any language know it from elsewhere: accept waits. Whoever minds asks for the other.
        _ = Linux.Descriptors.TrySetNonBlocking(listener.Handle.Number, nonBlocking: false);
        return listener;
    }

    // Mode and group are those wanted before the socket listens, and until it does everybody is refused: no moment is looser.
    private static UnixListener Listen(string path, SocketPolicy policy) =>
        UnixListener.Bind(path, policy.Mode, policy.Backlog, replaceExisting: true, GroupOf(policy));

    private static uint? GroupOf(SocketPolicy policy) => policy.Group is { } name
        ? Accounts.OfThisMachine().FindGroup(name) ?? throw new ArgumentException($"there is no group '{name}' any more")
        : null;

    private static void Unlink(string path)
    {
        try
        {
            UnixListener.UnlinkSocket(path);
        }
        catch (LinuxException)
        {
            // Replaced by something that is not ours, or gone with its directory.
        }
    }
}
