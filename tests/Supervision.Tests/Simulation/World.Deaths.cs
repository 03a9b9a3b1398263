namespace Strata.Supervision.Tests.Simulation;

/// <summary>The machine while its supervisor is dead: processes live and end on, and nobody hears of it.</summary>
internal sealed partial class World
{
    private readonly List<(SimulatedProcess Process, NodeEvent Said)> _unread = [];

    /// <summary>How many supervisors have died.</summary>
    internal int Deaths { get; private set; }

    internal bool SupervisorLives { get; private set; } = true;

    /// <summary>The supervisor is gone. Who waits at the gate of its start ends with it; commands wait for the next one.</summary>
    /// <param name="isRecorded">Whether the record names a process.</param>
    internal void SupervisorDies(Func<SimulatedProcess, bool> isRecorded)
    {
        Deaths++;
        SupervisorLives = false;
        var commands = Inbox.Where(e => e is NodeEvent.Start or NodeEvent.Stop or NodeEvent.Restart or NodeEvent.Roll or NodeEvent.Reconfigure or NodeEvent.Shutdown).ToList();
        Inbox.Clear();
        commands.ForEach(Inbox.Enqueue);
        foreach (var process in Alive.Where(p => !p.IsReported && !isRecorded(p)).ToList())
        {
            Vanish(process);
        }
    }

    /// <summary>Time passes without a supervisor.</summary>
    internal void PassWithout(TimeSpan time)
    {
        var end = Now + time;
        while (NextAt <= end)
        {
            Now = NextAt.Value;
            RunDue();
        }

        Now = end;
    }

    /// <summary>What is no service's present process is ended by whoever takes over.</summary>
    internal void EndLeftovers(Func<SimulatedProcess, bool> isPresent)
    {
        foreach (var process in Alive.Where(p => !p.IsReported && !isPresent(p)).ToList())
        {
            Vanish(process);
        }
    }

    /// <summary>The machine boots anew: nothing lives.</summary>
    internal void Reboot()
    {
        foreach (var process in Alive.ToList())
        {
            Vanish(process);
        }
    }

    /// <summary>A new supervisor is there, with the registry made right, and reads what was said into pipes.</summary>
    /// <param name="node">What it knows.</param>
    /// <param name="fresh">Whether it counts instances anew.</param>
    internal void SupervisorComes(NodeState node, bool fresh)
    {
        SupervisorLives = true;
        Watched.Clear();
        Sockets.Clear();
        Sockets.UnionWith(node.Plan.Manifests.Values.Where(m => m.EffectiveSocketName is not null).Select(m => m.Name));
        Registry.Clear();
        if (node.Services.GetValueOrDefault(NodePlan.RegistryName) is { State: ServiceState.Healthy } && IsAlive(NodePlan.RegistryName))
        {
            Registry.UnionWith(node.Services.Values.Where(s => s.Listed).Select(s => s.Name));
        }

        if (fresh)
        {
            Spawns.Clear();
        }

        foreach (var (process, said) in _unread.Where(u => u.Process.Alive && !u.Process.IsReported))
        {
            Tell(Now, said);
        }

        _unread.Clear();
    }

    /// <summary>The operator did as told before starting a service anew: the process whose owner cannot be proved is ended.</summary>
    private void EndReported(string name)
    {
        foreach (var process in Alive.Where(p => p.Name == name && p.IsReported).ToList())
        {
            Vanish(process);
        }
    }

    private void Vanish(SimulatedProcess process)
    {
        process.Alive = false;
        _alive.Remove((process.Name, process.Incarnation));
        if (process.Name == NodePlan.RegistryName && !IsAlive(process.Name))
        {
            Registry.Clear();
        }
    }

    /// <summary>News for the supervisor that lives now; its successor never hears of it.</summary>
    private void Tell(TimeSpan when, NodeEvent happened)
    {
        if (!SupervisorLives)
        {
            return;
        }

        var generation = Deaths;
        At(when, () =>
        {
            if (SupervisorLives && Deaths == generation)
            {
                Inbox.Enqueue(happened);
            }
        });
    }
}
