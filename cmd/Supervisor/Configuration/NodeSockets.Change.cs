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
            else if (TryListen(manifest, faults) is { } listener)
            {
                bound.Add(listener);
                next.Add(manifest.Name, listener);
            }
        }

        if (faults.Count > 0 || !TryAdjustAll(plan, next, faults))
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

    private UnixListener? TryListen(ServiceManifest manifest, List<ManifestFault> faults)
    {
        try
        {
            return ListenFor(manifest);
        }
        catch (Exception e) when (e is LinuxException or ArgumentException)
        {
            faults.Add(new ManifestFault(manifest.Name, "socket.name", $"its socket cannot be bound: {e.Message}"));
            return null;
        }
    }

    // Who waits at a socket stays there, so one that is kept is not bound anew. All are changed or none.
    private bool TryAdjustAll(NodePlan plan, Dictionary<string, UnixListener> next, List<ManifestFault> faults)
    {
        var adjusted = new Dictionary<UnixListener, SocketPolicy>();
        foreach (var (name, listener) in next.Where(entry => _policies[entry.Value] != plan.Manifests[entry.Key].Socket))
        {
            var policy = plan.Manifests[name].Socket!;
            try
            {
                Adjust(listener, policy, adjusted);
            }
            catch (Exception e) when (e is LinuxException or ArgumentException)
            {
                faults.Add(new ManifestFault(name, "socket", $"its socket cannot be changed: {e.Message}"));
                foreach (var (changed, before) in adjusted.ToArray())
                {
                    Adjust(changed, before, adjusted);
                }

                return false;
            }
        }

        return true;
    }

    private void Adjust(UnixListener listener, SocketPolicy policy, Dictionary<UnixListener, SocketPolicy> adjusted)
    {
        listener.Adjust(policy.Mode, policy.Backlog, GroupOf(policy));
        adjusted.TryAdd(listener, _policies[listener]);
        _policies[listener] = policy;
    }

    private void Close(UnixListener listener)
    {
        _policies.Remove(listener);
        listener.Dispose();
        Unlink(listener.Path!);
    }
}
