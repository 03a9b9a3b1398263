namespace Strata.Supervision.Tests.Simulation;

/// <summary>One run: a random node in a random world, decided by the seed alone.</summary>
internal sealed partial class SimulatedNode
{
    private static readonly TimeSpan Horizon = TimeSpan.FromHours(2);
    private static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private const int MaxSteps = 1_000_000;

    private readonly Random _random;
    private readonly Random _clockSteps;
    private readonly bool _stepWall;
    private readonly bool _calendar;
    private readonly World _world;
    private readonly QuarantineOracle _quarantine = new();
    private readonly OrderOracle _order = new();
    private readonly TimerOracle _timers = new();
    private StrategyOracle _strategies;
    private readonly List<(TimeSpan At, NodeEvent Happened)> _history = [];
    private readonly List<string>? _trace;
    private readonly NodePlan _first;
    private NodeState _node;
    private TimeSpan _wallSkew;
    private TimeSpan? _shutdownAt;

    /// <summary>A run of one seed.</summary>
    /// <param name="seed">Decides everything.</param>
    /// <param name="stepWall">Whether the wall clock is stepped.</param>
    /// <param name="trace">Whether <see cref="Trace"/> is kept.</param>
    /// <param name="calendar">Whether timers may run by the wall clock.</param>
    internal SimulatedNode(int seed, bool stepWall = true, bool trace = false, bool calendar = true)
    {
        _calendar = calendar;
        _trace = trace ? [] : null;
        _random = new Random(seed);
        _clockSteps = new Random(seed);
        _fate = new Random(~seed);
        _deathsLeft = _fate.Next(2) == 0 ? _fate.Next(1, MaxDeaths + 1) : 0;
        _stepWall = stepWall;
        _world = new World(_random);
        var services = RandomManifests.Draw(_random, calendar);
        _strategies = new StrategyOracle(services);
        Claim.That(NodePlan.TryCreate(services, out var plan, out var faults), string.Join("; ", faults));
        _first = plan!;
        _node = NodeMachine.Create(_first, (ulong)seed, Now);
        _world.Sockets.UnionWith(_first.Manifests.Values.Where(m => m.EffectiveSocketName is not null).Select(m => m.Name));
    }

    /// <summary>Everything the core asked for, without what is shown with wall-clock times.</summary>
    internal IReadOnlyList<string> Trace => _trace ?? [];

    /// <summary>How much time has passed in this world.</summary>
    internal TimeSpan Elapsed => _world.Now;

    /// <summary>The services, and every event so far.</summary>
    internal string Story => string.Join('\n', [.. Told(_first), .. _history.Select(h => $"{h.At} {(h.Happened is NodeEvent.Reconfigure e ? string.Join("\n    ", Told(e.Plan).Prepend("Reconfigure")) : h.Happened)}")]);

    internal int Steps { get; private set; }

    private NodeTime Now => new(_world.Now, Epoch + _world.Now + _wallSkew);

    internal void Run()
    {
        _world.Inbox.Enqueue(new NodeEvent.StartAll());
        PlanCommands();
        while (!_node.Ended)
        {
            Drain();
            // What came while there was no supervisor waits for the new one.
            if (!_node.Ended && _world.Inbox.Count == 0)
            {
                Advance();
            }
        }

        Claim.That(_world.ExitSeen, "a node that has ended says so");
        Claim.That(_world.Alive.All(process => process.IsReported), "no process outlives the node");
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
        if (happened is NodeEvent.Connected connected && !_world.TakeConnection(connected.Name))
        {
            return;
        }

        Steps++;
        Claim.That(Steps < MaxSteps, "the node is busy with itself");
        _history.Add((_world.Now, happened));
        var before = _node;
        var step = NodeMachine.Apply(before, happened, Now);
        _node = step.State;
        var dies = DiesNow();
        _world.Prepare(happened, step);
        foreach (var effect in step.Effects.Take(dies ? _fate.Next(step.Effects.Length + 1) : int.MaxValue))
        {
            _world.CarryOut(effect, before, _node);
            if (_trace is not null && effect is not (Effect.Emit or Effect.RememberRun))
            {
                _trace.Add($"{_world.Now} {(effect is Effect.RestoreRegistrations r ? string.Join(',', r.Names) : effect.ToString())}");
            }
        }

        if (happened is NodeEvent.Shutdown)
        {
            _shutdownAt ??= _world.Now;
        }

        if (dies)
        {
            _order.Check(step);
            Die();
            return;
        }

        Invariants.Check(before, happened, step, _world, Now);
        if (happened is not NodeEvent.WatchdogPing)
        {
            _strategies = happened is NodeEvent.Reconfigure ? new StrategyOracle([.. _node.Plan.Manifests.Values]) : _strategies;
            ReconfigurationOracle.Check(before, happened, step, _world);
            _quarantine.Check(before, happened, step);
            if (happened is not NodeEvent.TakeOver)
            {
                _strategies.Check(before, happened, step);
            }

            _order.Check(step);
            _timers.Check(before, happened, step, Now);
        }

        if (Steps % 8 == 0 && !_node.Services.IsEmpty)
        {
            Invariants.CheckExplanation(_node, _node.Plan.Graph.StartOrder[Steps / 8 % _node.Services.Count], Now);
        }
    }

    private void PlanCommands()
    {
        var horizon = _random.Next(4) switch { 0 => 1000, 1 => Horizon.TotalMilliseconds, _ => 60_000 };
        var names = _node.Plan.Graph.StartOrder;
        for (var command = _random.Next(20); command > 0; command--)
        {
            var name = _random.Next(20) == 0 ? "unknown" : names[_random.Next(names.Length)];
            TimeSpan? drain = _random.Next(2) == 0 ? null : _world.Within(5000);
            _world.Deliver(_world.Within(horizon), _random.Next(4) switch
            {
                0 => new NodeEvent.Roll(name, drain),
                3 => new NodeEvent.Start(name),
                1 => new NodeEvent.Stop(name, drain),
                _ => new NodeEvent.Restart(name, drain),
            });
        }

        for (var change = _random.Next(3) == 0 ? _random.Next(6) : 0; change > 0; change--)
        {
            _world.At(_world.Within(horizon), () => _world.Inbox.Enqueue(new NodeEvent.Reconfigure(RandomChanges.Draw(_random, _node, _calendar))));
        }

        _world.Deliver(_world.Within(horizon), new NodeEvent.Shutdown("simulated"));
    }

    private static IEnumerable<string> Told(NodePlan plan) => plan.Manifests.Values.OrderBy(m => m.Name, StringComparer.Ordinal).Select(Told);

    private static string Told(ServiceManifest m) =>
        $"{m.Name}: {m.Kind} requires [{string.Join(' ', m.Requires)}] wants [{string.Join(' ', m.Wants)}] after [{string.Join(' ', m.After)}] "
        + $"restart {m.Restart} strategy {m.Strategy} program {m.Program} readiness {m.Readiness.Method} {m.ReadyTimeout} watchdog {m.Watchdog?.Interval} "
        + $"quarantine {m.Quarantine.Crashes} in {m.Quarantine.Window} drain {m.DrainTimeout} {m.Timer}";
}
