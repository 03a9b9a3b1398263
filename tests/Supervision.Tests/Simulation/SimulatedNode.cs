namespace Strata.Supervision.Tests.Simulation;

/// <summary>One run: a random node in a random world, decided by the seed alone.</summary>
internal sealed class SimulatedNode
{
    private static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Random _random;
    private readonly Random _clockSteps;
    private readonly bool _stepWall;
    private readonly World _world;
    private readonly QuarantineOracle _quarantine = new();
    private readonly List<string> _trace = [];
    private NodeState _node;
    private TimeSpan _wallSkew;
    private TimeSpan? _shutdownAt;

    internal SimulatedNode(int seed, bool stepWall = true)
    {
        _random = new Random(seed);
        _clockSteps = new Random(seed);
        _stepWall = stepWall;
        _world = new World(_random);
        Claim.That(NodePlan.TryCreate(Services(), out var plan, out var faults), string.Join("; ", faults));
        _node = NodeMachine.Create(plan!, (ulong)seed, Now);
    }

    /// <summary>Everything the core asked for, without what is shown with wall-clock times.</summary>
    internal IReadOnlyList<string> Trace => _trace;

    internal int Steps { get; private set; }

    private NodeTime Now => new(_world.Now, Epoch + _world.Now + _wallSkew);

    internal void Run()
    {
        _world.Inbox.Enqueue(new NodeEvent.StartAll());
        PlanCommands();
        while (!_node.Ended)
        {
            Drain();
            if (_node.Ended)
            {
                break;
            }

            Advance();
        }

        Claim.That(_world.ExitSeen, "a node that has ended says so");
        Claim.That(!_world.Alive.Any(), "no process outlives the node");
        foreach (var service in _node.Services.Values)
        {
            Claim.That(service.State == ServiceState.Stopped, $"{service.Name} is {service.State} at the end");
        }
    }

    private void Drain()
    {
        while (_world.Inbox.TryDequeue(out var happened))
        {
            Apply(happened);
        }

        if (_node.NextDeadline <= _world.Now)
        {
            Apply(new NodeEvent.Tick());
        }
    }

    private void Advance()
    {
        var deadline = _node.NextDeadline;
        var next = _world.NextAt is { } at && !(deadline < at) ? at : deadline;
        Claim.That(next is not null, "a node that waits for nothing would wait for ever");

        // The edge may wake late; everything that happened meanwhile is then delivered before the tick.
        var late = _random.Next(20) == 0 ? _world.Within(300) : TimeSpan.Zero;
        _world.Now = (next!.Value > _world.Now ? next.Value : _world.Now) + late;
        _world.RunDue();
        if (_stepWall && _clockSteps.Next(20) == 0)
        {
            _wallSkew = TimeSpan.FromHours(_clockSteps.Next(-48, 48));
        }

        Claim.That(
            !(_world.Now - _shutdownAt > TimeSpan.FromSeconds(30 * _node.Services.Count)), "a shutdown comes to its end");
    }

    private void Apply(NodeEvent happened)
    {
        Steps++;
        var before = _node;
        var step = NodeMachine.Apply(before, happened, Now);
        _node = step.State;
        foreach (var effect in step.Effects)
        {
            _world.CarryOut(effect, _node);
            if (effect is not Effect.Emit)
            {
                _trace.Add($"{_world.Now} {(effect is Effect.RestoreRegistrations r ? string.Join(',', r.Names) : effect.ToString())}");
            }
        }

        if (happened is NodeEvent.Shutdown)
        {
            _shutdownAt ??= _world.Now;
        }

        Invariants.Check(before, happened, step, _world);
        _quarantine.Check(happened, step);
        Invariants.CheckExplanation(_node, _node.Plan.Graph.StartOrder[Steps % _node.Services.Count], Now);
    }

    private void PlanCommands()
    {
        var horizon = _random.Next(4) == 0 ? 1000 : 60_000;
        var names = _node.Plan.Graph.StartOrder;
        for (var command = _random.Next(12); command > 0; command--)
        {
            var name = _random.Next(20) == 0 ? "unknown" : names[_random.Next(names.Length)];
            TimeSpan? drain = _random.Next(2) == 0 ? null : _world.Within(5000);
            _world.Deliver(_world.Within(horizon), _random.Next(3) switch
            {
                0 => new NodeEvent.Start(name),
                1 => new NodeEvent.Stop(name, drain),
                _ => new NodeEvent.Restart(name, drain),
            });
        }

        _world.Deliver(_world.Within(horizon), new NodeEvent.Shutdown("simulated"));
    }

    private IEnumerable<ServiceManifest> Services()
    {
        var services = DependencyGraphTests.RandomServices(_random, cyclic: false).Select(Vary).ToList();
        return _random.Next(2) == 0 ? services : services.Append(Node.Service(NodePlan.RegistryName));
    }

    private ServiceManifest Vary(ServiceManifest service) => Vary(service, _random.Next(5) == 0 ? ServiceKind.Oneshot : ServiceKind.Service);

    private ServiceManifest Vary(ServiceManifest service, ServiceKind kind) => service with
    {
        Kind = kind,
        Watchdog = kind == ServiceKind.Oneshot || _random.Next(2) == 0 ? null : new WatchdogPolicy { Interval = TimeSpan.FromSeconds(2) + _world.Within(8000) },
        Readiness = new ReadinessPolicy { Timeout = TimeSpan.FromMilliseconds(200) + _world.Within(3000) },
        Quarantine = new QuarantinePolicy { Crashes = _random.Next(1, 6), Window = TimeSpan.FromSeconds(_random.Next(1, 60)) },
        Backoff = new BackoffPolicy { Max = TimeSpan.FromSeconds(_random.Next(1, 10)), ResetAfter = TimeSpan.FromSeconds(_random.Next(1, 20)) },
        Restart = (RestartPolicy)_random.Next(3),
        DrainTimeout = _world.Within(3000),
    };
}
