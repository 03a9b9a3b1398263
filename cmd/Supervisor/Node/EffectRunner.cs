using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>Does what the machine decided. Belongs to the node's loop.</summary>
internal sealed class EffectRunner(ChildTable children, Launcher launcher, IRegistrar registrar, Action<Mail> post)
{
    private int _spawning;
    private bool _hurried;

    /// <summary>Whether a spawn is under way.</summary>
    internal bool IsSpawning => _spawning > 0;

    /// <summary>Carries one effect out, or sees to it that it is.</summary>
    internal void Do(Effect effect, NodeState after)
    {
        switch (effect)
        {
            case Effect.Spawn e:
                _spawning++;
                _ = SpawnAsync(after.Services[e.Name].Manifest, e.Incarnation);
                break;
            case Effect.Signal e:
                var gentle = e.What == ProcessSignal.Terminate && !_hurried;
                _ = children.Of(e.Name, e.Incarnation)?.Process.TrySignalGroup(gentle ? NumberOf(e.Stop) : Signal.SIGKILL);
                break;
            case Effect.Register or Effect.Unregister or Effect.RestoreRegistrations:
                registrar.Refresh();
                break;
        }
    }

    /// <summary>Takes a spawned process in.</summary>
    /// <returns>The news for the machine.</returns>
    internal NodeEvent Adopt(Mail.SpawnEnded spawn)
    {
        _spawning--;
        if (spawn.Child is null)
        {
            return new NodeEvent.SpawnFailed(spawn.Name, spawn.Incarnation, spawn.Error);
        }

        children.Add(spawn.Name, spawn.Incarnation, spawn.Child);
        return new NodeEvent.Spawned(spawn.Name, spawn.Incarnation, spawn.Child.Pid);
    }

    /// <summary>From now on nobody is given time to drain.</summary>
    internal void Hurry()
    {
        _hurried = true;
        KillAll();
    }

    /// <summary>Kills every service's group; those whose spawn is under way follow their parent.</summary>
    internal void KillAll()
    {
        foreach (var child in children.All)
        {
            _ = child.Process.TrySignalGroup(Signal.SIGKILL);
        }
    }

    private static int NumberOf(StopSignal signal) => signal switch
    {
        StopSignal.SIGINT => Signal.SIGINT,
        StopSignal.SIGQUIT => Signal.SIGQUIT,
        StopSignal.SIGHUP => Signal.SIGHUP,
        StopSignal.SIGUSR1 => Signal.SIGUSR1,
        StopSignal.SIGUSR2 => Signal.SIGUSR2,
        _ => Signal.SIGTERM,
    };

    private async Task SpawnAsync(ServiceManifest manifest, int incarnation)
    {
        try
        {
            var child = await launcher.LaunchAsync(manifest).ConfigureAwait(false);
            post(new Mail.SpawnEnded(manifest.Name, incarnation, child, ""));
        }
        catch (Exception e) when (e is LinuxException or ArgumentException or InvalidOperationException)
        {
            post(new Mail.SpawnEnded(manifest.Name, incarnation, null, e.Message));
        }
    }
}
