using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>Does what the machine decided. Belongs to the node's loop.</summary>
internal sealed class EffectRunner(ChildTable children, ReadinessPipes readiness, Launcher launcher, IRegistrar registrar, Action<Mail> post)
{
    private int _spawning;
    private bool _hurried;

    /// <summary>Keeps when a timer ran, or forgets it; must not block.</summary>
    internal Func<string, DateTimeOffset?, Task>? OnRun { get; set; }

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
            case Effect.Remove e:
                launcher.Forget(e.Name);
                _ = OnRun?.Invoke(e.Name, null);
                break;
            case Effect.RememberRun e:
                _ = OnRun?.Invoke(e.Name, e.At);
                break;
            case Effect.Register or Effect.Unregister or Effect.RestoreRegistrations:
                registrar.Refresh();
                break;
        }
    }

    /// <summary>Makes ready for another configuration, or says why that cannot be.</summary>
    internal IReadOnlyList<ManifestFault> Install(CheckedConfiguration next) => launcher.Install(next);

    /// <summary>What should be registered may have changed.</summary>
    internal void RefreshRegistrations() => registrar.Refresh();

    /// <summary>Takes a spawned process in.</summary>
    /// <returns>The news for the machine.</returns>
    internal NodeEvent Adopt(Mail.SpawnEnded spawn)
    {
        _spawning--;
        if (spawn.Child is null)
        {
            return new NodeEvent.SpawnFailed(spawn.Name, spawn.Incarnation, spawn.Error, spawn.Ungranted);
        }

        var child = children.Add(spawn.Name, spawn.Incarnation, spawn.Child);
        if (spawn.Readiness is { } reader)
        {
            readiness.Add(child, reader);
        }

        return new NodeEvent.Spawned(spawn.Name, spawn.Incarnation, spawn.Child.Pid);
    }

    /// <summary>A process has ended and nothing of its group is left.</summary>
    internal void Ended(string name, int incarnation) => launcher.Ended(name, incarnation);

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
        Pipe? pipe = null;
        try
        {
            pipe = manifest.Readiness.Method == ReadinessMethod.Fd ? Pipe.Create() : null;
            var child = await launcher.LaunchAsync(manifest, incarnation, pipe?.Writer).ConfigureAwait(false);
            pipe?.Writer.Dispose();
            post(new Mail.SpawnEnded(manifest.Name, incarnation, child, "", pipe?.Reader));
        }
        catch (Exception e) when (e is LinuxException or ArgumentException or InvalidOperationException or UngrantedException)
        {
            pipe?.Dispose();
            post(new Mail.SpawnEnded(manifest.Name, incarnation, null, e.Message) { Ungranted = e is UngrantedException });
        }
    }
}
