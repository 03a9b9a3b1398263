namespace Strata.Supervision.Tests.Simulation;

/// <summary>
/// The machine around the core: carries effects out with delays, failures and lies, and produces the events that follow.
/// It knows the truth (which processes live, what the registry holds), against which the core is checked.
/// </summary>
internal sealed partial class World(Random random)
{
    private readonly PriorityQueue<Action, (TimeSpan At, long Order)> _agenda = new();
    private readonly Dictionary<(string Name, int Incarnation), SimulatedProcess> _processes = [];
    private readonly Dictionary<(string Name, int Incarnation), SimulatedProcess> _alive = [];
    private long _order;
    private int _pid = 100;

    internal TimeSpan Now { get; set; }

    internal Queue<NodeEvent> Inbox { get; } = new();

    /// <summary>Sockets whose next connection is to be reported.</summary>
    internal HashSet<string> Watched { get; } = new(StringComparer.Ordinal);

    internal HashSet<string> Registry { get; } = new(StringComparer.Ordinal);

    internal IReadOnlyCollection<SimulatedProcess> Alive => _alive.Values;

    /// <summary>The services whose socket the edge holds.</summary>
    internal HashSet<string> Sockets { get; } = new(StringComparer.Ordinal);

    internal Dictionary<string, int> Spawns { get; } = new(StringComparer.Ordinal);

    internal bool ExitSeen { get; private set; }

    internal TimeSpan? NextAt => _agenda.TryPeek(out _, out var when) ? when.At : null;

    internal void At(TimeSpan when, Action action) => _agenda.Enqueue(action, (when, _order++));

    internal void Deliver(TimeSpan when, NodeEvent happened) => At(when, () => Inbox.Enqueue(happened));

    internal void RunDue()
    {
        while (NextAt <= Now)
        {
            _agenda.Dequeue()();
        }
    }

    internal bool IsAlive(string name) => _alive.Keys.Any(key => key.Name == name);

    internal TimeSpan Within(double milliseconds) => TimeSpan.FromMilliseconds(random.NextDouble() * milliseconds);

    /// <summary>What the edge does before anything else when a configuration is taken: it holds the sockets of exactly the declared, and of who still drains.</summary>
    internal void Prepare(NodeEvent happened, Step step)
    {
        if (happened is NodeEvent.Reconfigure e && step.Result.Status == CommandStatus.Ok)
        {
            Sockets.RemoveWhere(name => e.Plan.Manifests.ContainsKey(name));
            Sockets.UnionWith(e.Plan.Manifests.Values.Where(m => m.EffectiveSocketName is not null).Select(m => m.Name));
        }
    }

    internal void CarryOut(Effect effect, NodeState before, NodeState node)
    {
        switch (effect)
        {
            case Effect.Remove e:
                Claim.That(!Alive.Any(p => p.Name == e.Name && !p.IsReported) && !node.Services.ContainsKey(e.Name), $"{e.Name} is forgotten while it lives");
                Sockets.Remove(e.Name);
                break;
            case Effect.Spawn e:
                Spawn(e, node.Services[e.Name]);
                break;
            case Effect.Signal e:
                Signal(e, [.. new[] { before, node }.Where(n => n.Services.ContainsKey(e.Name)).Select(n => n.Services[e.Name].Manifest.StopSignal)]);
                break;
            case Effect.AwaitConnection e:
                Claim.That(Watched.Add(e.Name), $"{e.Name} is watched twice");
                Connect(e.Name);
                break;
            case Effect.IgnoreConnections e:
                Claim.That(Watched.Remove(e.Name), $"{e.Name} was not watched");
                break;
            case Effect.Register e when IsAlive(NodePlan.RegistryName):
                Registry.Add(e.Name);
                break;
            case Effect.Unregister e:
                Registry.Remove(e.Name);
                break;
            case Effect.RestoreRegistrations e when IsAlive(NodePlan.RegistryName):
                Claim.That(Registry.Count == 0, "a registry that has just come up holds nothing");
                Registry.UnionWith(e.Names);
                break;
            case Effect.Exit e:
                Claim.That(!ExitSeen, "exit is given once");
                Claim.That(e.Abandoned.IsEmpty && Alive.All(p => p.IsReported), "nothing lives when the node exits");
                ExitSeen = true;
                break;
        }
    }

    /// <summary>Whether a connection still makes the watcher report it; it is told once.</summary>
    internal bool TakeConnection(string name) => Watched.Remove(name);

    // Somebody waits already, comes at some time, or never.
    private void Connect(string name)
    {
        if (random.Next(4) is not 0 and var when)
        {
            Deliver(Now + (when == 1 ? TimeSpan.Zero : Within(20_000)), new NodeEvent.Connected(name));
        }
    }

    private void Spawn(Effect.Spawn effect, ServiceStatus service)
    {
        EndReported(effect.Name);
        var manifest = service.Manifest;
        var others = _alive.Keys.Where(key => key.Name == effect.Name).ToList();
        Claim.That(
            others.Count == 0 || (others.Count == 1 && service.Second is not null), $"{effect.Name} is spawned while an instance lives, and it is no rolling restart");
        // A service that was removed and added again counts on from somewhere above; no number is ever given twice.
        Claim.That(Spawns.GetValueOrDefault(effect.Name) < effect.Incarnation, $"incarnations of {effect.Name} count its spawns");
        Spawns[effect.Name] = effect.Incarnation;
        if (random.Next(12) == 0)
        {
            Tell(Now + Within(20), new NodeEvent.SpawnFailed(effect.Name, effect.Incarnation, "simulated", Ungranted: random.Next(3) == 0));
            return;
        }

        var process = new SimulatedProcess(effect.Name, effect.Incarnation, _pid++)
        {
            TermDelay = random.Next(5) == 0 ? null : Within(random.Next(4) == 0 ? 8000 : 500),
            KillsNeeded = random.Next(20) == 0 ? 2 : 1,
            HangsAt = random.Next(3) == 0 ? Now + Within(20_000) : null,
        };
        _processes[(process.Name, process.Incarnation)] = process;
        _alive.Add((process.Name, process.Incarnation), process);
        Tell(Now + Within(20), new NodeEvent.Spawned(effect.Name, effect.Incarnation, process.Pid));
        Live(process, manifest);
    }

    private void Live(SimulatedProcess process, ServiceManifest manifest)
    {
        var timeout = manifest.ReadyTimeout.TotalMilliseconds;
        var lies = random.Next(15) == 0;
        TimeSpan? readyAt = random.Next(10) switch
        {
            0 => null,
            1 => Now + Within(timeout * 3),
            _ => Now + Within(Math.Min(300, timeout)),
        };
        if (readyAt is { } at)
        {
            At(at, () =>
            {
                Say(process, new NodeEvent.Ready(process.Name, process.Incarnation, random.Next(20) == 0 ? ReadinessMethod.Notify : manifest.Readiness.Method));
                if (lies)
                {
                    End(process, ExitStatus.WithCode(1));
                }
            });
        }

        if (manifest.Watchdog is { } watchdog)
        {
            Ping(process, watchdog.Interval / 2);
        }

        if (manifest.DoesWorkAndEnds ? random.Next(8) != 0 : random.Next(2) == 0)
        {
            var succeeds = manifest.DoesWorkAndEnds && random.Next(3) != 0;
            var status = succeeds || random.Next(2) == 0 ? ExitStatus.WithCode(succeeds ? 0 : random.Next(3)) : ExitStatus.BySignal(11);
            At(Now + Within(random.Next(3) switch { 0 => 400, 1 => 30_000, _ => 600_000 }), () => End(process, status));
        }
    }

    private void Ping(SimulatedProcess process, TimeSpan every) => At(Now + every, () =>
    {
        if (process.Alive && !(process.HangsAt <= Now))
        {
            if (SupervisorLives && !process.IsReported)
            {
                Inbox.Enqueue(new NodeEvent.WatchdogPing(process.Name, process.Incarnation));
            }

            Ping(process, every);
        }
    });

    private void Signal(Effect.Signal effect, StopSignal[] declared)
    {
        var process = _processes[(effect.Name, effect.Incarnation)];
        Claim.That(declared.Contains(effect.Stop), "a service is asked to end by the signal of its manifest");
        Claim.That(process.Pid == effect.Pid, "a signal goes to the pid of the instance it names");
        if (effect.What == ProcessSignal.Kill && --process.KillsNeeded <= 0)
        {
            At(Now + Within(50), () => End(process, ExitStatus.BySignal(9)));
        }
        else if (effect.What == ProcessSignal.Terminate && process.TermDelay is { } delay)
        {
            At(Now + delay, () => End(process, ExitStatus.WithCode(0)));
        }
    }

    private void Say(SimulatedProcess process, NodeEvent happened)
    {
        if (!process.Alive || process.IsReported)
        {
            return;
        }

        if (SupervisorLives)
        {
            Tell(Now + Within(5), happened);
        }
        else if (happened is NodeEvent.Ready { By: ReadinessMethod.Fd })
        {
            _unread.Add((process, happened));
        }
    }

    private void End(SimulatedProcess process, ExitStatus status)
    {
        if (!process.Alive)
        {
            return;
        }

        process.Alive = false;
        _alive.Remove((process.Name, process.Incarnation));
        if (process.Name == NodePlan.RegistryName && !IsAlive(process.Name))
        {
            Registry.Clear();
        }

        if (process.IsReported)
        {
            return; // Nobody watches it.
        }

        var exit = new NodeEvent.Exited(process.Name, process.Incarnation, status);
        Tell(Now + Within(10), exit);
        if (random.Next(10) == 0)
        {
            // News told twice, the second time when a new instance may already run.
            Tell(Now + Within(5000), exit);
        }
    }
}
