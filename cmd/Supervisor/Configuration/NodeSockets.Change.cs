using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor;

internal sealed partial class NodeSockets
{
    /// <summary>
    /// Binds what another configuration adds, and closes what it has no use for; with a fault nothing changes. A path that is
    /// bound already is taken over with whoever waits there, also by a service of another name. Belongs to the node's loop.
    /// </summary>
    /// <returns>A fault for each socket that cannot be bound.</returns>
    internal IReadOnlyList<ManifestFault> Change(NodePlan plan)
    {
        var bound = new List<UnixListener>();
        var faults = new List<ManifestFault>();
        var next = new Dictionary<string, UnixListener>(StringComparer.Ordinal);
        foreach (var manifest in plan.Manifests.Values.Where(m => m.EffectiveSocketName is not null))
        {
            var path = PathOf(_settings, manifest);
            if (_listeners.Values.FirstOrDefault(l => l.Path == path) is { } present)
            {
                next.Add(manifest.Name, present);
            }
            else if (TryListen(manifest, path, faults) is { } listener)
            {
                bound.Add(listener);
                next.Add(manifest.Name, listener);
            }
        }

        if (faults.Count > 0)
        {
            bound.ForEach(Close);
            return faults;
        }

        Replace(plan, next);
        if (NotifyModeFor(plan) != NotifyMode)
        {
            // It stays open to others until the supervisor ends: services that were let in may still drain.
            File.SetUnixFileMode(Notify.Path, (UnixFileMode)SocketMode);
        }

        return [];
    }

    /// <summary>Closes the socket of a removed service that has stopped, unless another service has taken it over.</summary>
    internal void Release(string service)
    {
        if (_listeners.Remove(service, out var listener) && !_listeners.ContainsValue(listener))
        {
            Close(listener);
        }
    }

    // Removed services keep theirs until they have stopped: who connects meanwhile is served, or told that nobody is there.
    private void Replace(NodePlan plan, Dictionary<string, UnixListener> next)
    {
        var before = _listeners.Values.Distinct().ToList();
        foreach (var name in plan.Manifests.Keys)
        {
            _listeners.Remove(name);
        }

        foreach (var (name, listener) in next)
        {
            _listeners.Add(name, listener);
        }

        before.Except(_listeners.Values).ToList().ForEach(Close);
    }

    private static UnixListener? TryListen(ServiceManifest manifest, string path, List<ManifestFault> faults)
    {
        try
        {
            return ListenFor(path);
        }
        catch (Exception e) when (e is LinuxException or ArgumentException)
        {
            faults.Add(new ManifestFault(manifest.Name, "socket.name", $"its socket cannot be bound: {e.Message}"));
            return null;
        }
    }

    private static void Close(UnixListener listener)
    {
        listener.Dispose();
        Unlink(listener.Path!);
    }
}
