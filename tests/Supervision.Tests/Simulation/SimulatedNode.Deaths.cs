using System.Collections.Immutable;

namespace Strata.Supervision.Tests.Simulation;

/// <summary>The supervisor dies at a random step, between writing its record and any of what follows from it, and another one takes over.</summary>
internal sealed partial class SimulatedNode
{
    internal const int MaxDeaths = 3;

    private const string Boot = "11111111-2222-3333-4444-555555555555";

    private readonly Random _fate;
    private int _deathsLeft;

    /// <summary>Takeovers so far.</summary>
    internal int Takeovers { get; private set; }

    private bool DiesNow() => _deathsLeft > 0 && !_node.Ended && _fate.Next(40) == 0;

    private void Die()
    {
        _deathsLeft--;
        Takeovers++;
        var bytes = KeptText.Encode(Kept());
        _world.SupervisorDies(process => _node.Services.GetValueOrDefault(process.Name) is { } service && (service.Process?.Pid == process.Pid || service.Second?.Process.Pid == process.Pid));
        _world.PassWithout(_world.Within(_fate.Next(4) == 0 ? 60_000 : 500));
        var sameBoot = _fate.Next(20) != 0;
        if (!sameBoot)
        {
            _world.Reboot();
        }

        var kept = _fate.Next(5) == 0 ? Damaged(bytes) : KeptText.Decode(bytes, out _);
        Claim.That(kept is null || kept.Services.Length == _node.Services.Count, "a record is read back whole");
        var found = kept is null ? Suspects() : Judged(kept, sameBoot);
        if (kept is not null)
        {
            _world.EndLeftovers(process => _node.Plan.Manifests.ContainsKey(process.Name) && kept.Of(process.Name)?.Present == process.Incarnation);
        }

        foreach (var process in _world.Alive.Where(p => found.GetValueOrDefault(p.Name) is { Verdict: TakeoverVerdict.HoldDown }))
        {
            process.IsReported = true;
        }

        if (_node.ShuttingDown)
        {
            _world.Deliver(_world.Now + _world.Within(60_000), new NodeEvent.Shutdown("simulated again"));
            _shutdownAt = null;
        }

        Begin(new NodeEvent.TakeOver("simulated", kept, sameBoot, found));
    }

    private void Begin(NodeEvent.TakeOver taken)
    {
        var known = taken is { Kept: { ShuttingDown: false } kept, SameBoot: true } ? kept.Services.Select(s => (s.Name, s.RecentCrashes.AsEnumerable())) : [];
        _quarantine.Forget(known);
        _strategies = new StrategyOracle([.. _node.Plan.Manifests.Values]);
        _node = NodeMachine.Create(_node.Plan, (ulong)_fate.Next(), Now);
        _world.SupervisorComes(Preview(taken), fresh: taken.Kept is null);
        _deathsLeft = -_deathsLeft; // Not during the takeover itself: nothing has been written yet.
        Apply(taken);
        _deathsLeft = -_deathsLeft;
        TakeoverOracle.Check(taken, _node, _world);
    }

    /// <summary>What the mirror of the registry aims at as soon as the new supervisor is there.</summary>
    private NodeState Preview(NodeEvent.TakeOver taken) => NodeMachine.Apply(_node, taken, Now).State;

    private KeptNode Kept() => new(Boot, 1, [.. _node.Services.Values.Select(s => KeptService.Of(s) with
    {
        Processes = [.. new[] { s.Process, s.Second?.Process }.OfType<ServiceProcess>().Where(p => p.Pid is not null).Select(p => new KeptProcess(p.Incarnation, p.Pid!.Value, 7))],
    })])
    {
        ShuttingDown = _node.ShuttingDown,
        LastIncarnation = _node.LastIncarnation,
    };

    private ImmutableDictionary<string, Inheritance> Judged(KeptNode kept, bool sameBoot)
    {
        var found = ImmutableDictionary.CreateBuilder<string, Inheritance>();
        foreach (var service in kept.Services)
        {
            if (service.Processes.FirstOrDefault(p => p.Incarnation == service.Present) is { } process)
            {
                var lives = _world.Alive.Any(p => p.Pid == process.Pid);
                var evidence = new ProcessEvidence(sameBoot, lives, LeadsSession: true, _fate.Next(2) == 0 ? null : true, BearsMark: _fate.Next(20) != 0);
                var fault = _fate.Next(10) == 0 ? "not permitted" : null;
                found[service.Name] = TakeoverJudge.WithSocket(TakeoverJudge.Of(process.Pid, evidence), fault);
            }
        }

        // Those that an earlier supervisor could not prove stay as they are.
        foreach (var process in _world.Alive.Where(p => p.IsReported))
        {
            found[process.Name] = TakeoverJudge.OfUnrecorded(process.Pid, "still");
        }

        return found.ToImmutable();
    }

    private ImmutableDictionary<string, Inheritance> Suspects() =>
        _world.Alive.GroupBy(p => p.Name).ToImmutableDictionary(g => g.Key, g => TakeoverJudge.OfUnrecorded(g.First().Pid, "the record is lost"));

    private KeptNode? Damaged(byte[] bytes)
    {
        switch (_fate.Next(4))
        {
            case 0:
                return null;
            case 1:
                bytes = bytes[.._fate.Next(bytes.Length)];
                break;
            case 2:
                bytes = [.. bytes, .. bytes.AsSpan(0, _fate.Next(1, bytes.Length))];
                break;
            default:
                bytes[_fate.Next(bytes.Length - 1)] ^= (byte)_fate.Next(1, 256);
                break;
        }

        Claim.That(KeptText.Decode(bytes, out var fault) is null && fault is { Length: > 0 }, "a damaged record is never believed");
        return null;
    }
}
