using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>Does what the machine decided. Belongs to the node's loop.</summary>
internal sealed class EffectRunner(ChildTable children, ReadinessPipes readiness, ConnectionWatch connections, Launcher launcher, IRegistrar registrar, Action<Mail> post)
{
    /// <summary>How long a process waits at its gate to be recorded.</summary>
    private static readonly TimeSpan RecordTimeout = TimeSpan.FromSeconds(5);

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
            case Effect.Emit { Record: { Service: { } name, To: ServiceState.Stopped or ServiceState.Quarantined or ServiceState.Completed } }:
                launcher.Stored.Drop(name);
                break;
            case Effect.AwaitConnection e:
                connections.Add(e.Name);
                break;
            case Effect.IgnoreConnections e:
                connections.Remove(e.Name);
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

    /// <summary>Takes in a process that an earlier supervisor started.</summary>
    internal void Adopt(AdoptedChild adopted, ServiceManifest manifest)
    {
        var child = children.Add(adopted.Name, adopted.Process.Incarnation, adopted.Handle);
        launcher.Adopt(manifest, adopted.Process.Incarnation, adopted.Handle.Group);
        if (manifest.Readiness.Method == ReadinessMethod.Fd && launcher.Logs.Fifos.TryOpen(ReadinessName(child.Name, child.Incarnation)) is { } reader)
        {
            readiness.Add(child, reader);
        }
    }

    /// <summary>A process has ended and nothing of its group is left.</summary>
    internal void Ended(string name, int incarnation)
    {
        launcher.Ended(name, incarnation);
        launcher.Logs.Fifos.Remove(ReadinessName(name, incarnation));
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

    private static string ReadinessName(string name, int incarnation) => ServiceFifos.NameOf(name, incarnation, ServiceFifos.Readiness);

    private async Task SpawnAsync(ServiceManifest manifest, int incarnation)
    {
        FileDescriptor? reader = null;
        FileDescriptor? writer = null;
        try
        {
            if (manifest.Readiness.Method == ReadinessMethod.Fd)
            {
                (reader, writer) = launcher.Logs.Fifos.Create(ReadinessName(manifest.Name, incarnation));
            }

            var child = await launcher.LaunchAsync(manifest, incarnation, writer, (pid, group) => AwaitRecord(manifest.Name, Recorder.Of(incarnation, pid, group))).ConfigureAwait(false);
            writer?.Dispose();
            post(new Mail.SpawnEnded(manifest.Name, incarnation, child, "", reader));
        }
        catch (Exception e) when (e is LinuxException or ArgumentException or InvalidOperationException or UngrantedException)
        {
            writer?.Dispose();
            reader?.Dispose();
            post(new Mail.SpawnEnded(manifest.Name, incarnation, null, e.Message) { Ungranted = e is UngrantedException });
        }
    }

    /// <summary>Holds a process until the record names it: one that ran unrecorded would be started a second time after our death.</summary>
    private void AwaitRecord(string name, KeptProcess process)
    {
        using var recorded = new ManualResetEventSlim();
        post(new Mail.Born(name, process, recorded));
        if (!recorded.Wait(RecordTimeout))
        {
            throw new InvalidOperationException("the supervisor did not come to record its process");
        }
    }
}
