using Strata.Hosting;
using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>
/// Every socket of the node, bound before anything is started and kept while services come and go: who connects to a
/// service that restarts waits, and is not refused.
/// </summary>
internal sealed class NodeSockets : IDisposable
{
    internal const string NotifyName = "notify.sock";

    private const int NotifyMode = 0x180; // 0600
    private const int SocketMode = 0x1B6; // 0666: whether a caller may do anything is decided by capability, not by reach.

    private readonly Dictionary<string, UnixListener> _listeners = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (ulong Socket, ulong Path)> _identities = new(StringComparer.Ordinal);

    private NodeSockets(NotifySocket notify) => Notify = notify;

    /// <summary>Where services announce themselves.</summary>
    internal NotifySocket Notify { get; }

    /// <summary>The supervisor's own; its server takes it over.</summary>
    internal UnixListener Own => _listeners[NodePlan.SupervisorName];

    /// <summary>Binds all; what a killed supervisor left is replaced. Only under the lock.</summary>
    /// <exception cref="LinuxException">A path is taken by something that is no socket, ...</exception>
    /// <exception cref="ArgumentException">A path is too long.</exception>
    /// <param name="settings">The node.</param>
    /// <param name="plan">Its services.</param>
    /// <param name="taken">Sockets taken over from an earlier supervisor, with whoever waits on them; owned from now on.</param>
    internal static NodeSockets Bind(NodeSettings settings, NodePlan plan, IReadOnlyDictionary<string, UnixListener>? taken = null)
    {
        var sockets = new NodeSockets(NotifySocket.Bind(Path.Combine(settings.RuntimeDir, NotifyName), NotifyModeFor(plan), replaceExisting: true));
        try
        {
            sockets.Listen(NodePlan.SupervisorName, settings.SocketOf(NodePlan.SupervisorName));
            foreach (var manifest in plan.Manifests.Values.Where(m => m.EffectiveSocketName is not null))
            {
                if (taken?.GetValueOrDefault(manifest.Name) is { } listener)
                {
                    sockets.Add(manifest.Name, listener);
                    continue;
                }

                sockets.Listen(manifest.Name, PathOf(settings, manifest));
                // As authors of services in any language know it from elsewhere: accept waits. Whoever minds asks for the other.
                _ = Descriptors.TrySetNonBlocking(sockets._listeners[manifest.Name].Handle.Number, nonBlocking: false);
            }

            return sockets;
        }
        catch
        {
            sockets.Dispose();
            throw;
        }
    }

    /// <summary>Where a service listens that has a socket.</summary>
    internal static string PathOf(NodeSettings settings, ServiceManifest manifest) => Path.Combine(settings.RuntimeDir, manifest.EffectiveSocketName!);

    /// <summary>The descriptors a service inherits: its socket, unless it has none.</summary>
    internal IReadOnlyList<int> DescriptorsOf(string service) => _listeners.TryGetValue(service, out var listener) ? [listener.Handle.Number] : [];

    /// <summary>Inode numbers of a service's socket and of its path, by which a later supervisor knows them; null without a socket.</summary>
    internal (ulong Socket, ulong Path)? IdentityOf(string service) => _identities.TryGetValue(service, out var identity) ? identity : null;

    /// <summary>Closes and removes all.</summary>
    public void Dispose()
    {
        Notify.Dispose();
        Unlink(Notify.Path);
        foreach (var listener in _listeners.Values)
        {
            listener.Dispose();
            Unlink(listener.Path!);
        }
    }

    // Who sends is told by the kernel; yet strangers are kept from filling the queue unless services of other users must reach it.
    private static int NotifyModeFor(NodePlan plan) => plan.Manifests.Values.Any(m => m.Confinement?.User is not null) ? SocketMode : NotifyMode;

    private void Listen(string service, string path) => Add(service, UnixListener.Bind(path, SocketMode, replaceExisting: true));

    private void Add(string service, UnixListener listener)
    {
        _listeners.Add(service, listener);
        if (FileStatus.TryGet(listener.Handle.Number, out var socket) == 0 && FileStatus.TryGetNoFollow(listener.Path!, out var path) == 0)
        {
            _identities[service] = (socket.Inode, path.Inode);
        }
    }

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
