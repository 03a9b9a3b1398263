using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Strata.Hosting;
using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>What an earlier supervisor has left, judged, and in hand: processes by pidfd, and their listening sockets.</summary>
internal sealed class Heritage : IDisposable
{
    private static readonly TimeSpan DyingPatience = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<string, Inheritance> _found = new(StringComparer.Ordinal);
    private readonly Dictionary<string, UnixListener> _listeners = new(StringComparer.Ordinal);
    private readonly List<AdoptedChild> _children = [];
    private readonly List<AdoptedChild> _leftovers = [];
    private readonly Estate _estate;
    private readonly NodePlan _plan;
    private readonly ILogger _log;
    private readonly Handover _handover;
    private KeptNode? _kept;

    private Heritage(Estate estate, NodePlan plan, Handover handover, ILogger log) => (_estate, _plan, _handover, _log) = (estate, plan, handover, log);

    /// <summary>Why the program that was to follow this one did not; null otherwise.</summary>
    internal string? Refused => _handover.Refused;

    /// <summary>Which supervisor in a row this is.</summary>
    internal int Generation => (_kept?.Generation ?? 0) + 1;

    /// <summary>How the node begins.</summary>
    internal NodeEvent First { get; private set; } = new NodeEvent.StartAll();

    /// <summary>Processes that go on.</summary>
    internal IReadOnlyList<AdoptedChild> Children => _children;

    /// <summary>Processes that are the node's and that nothing declares any more.</summary>
    internal IReadOnlyList<AdoptedChild> Leftovers => _leftovers;

    /// <summary>Listening sockets that were taken back, by service; whoever takes one owns it.</summary>
    internal IReadOnlyDictionary<string, UnixListener> Listeners => _listeners;

    /// <summary>How often services were restarted before.</summary>
    internal ImmutableDictionary<string, int> Restarts =>
        _kept?.Services.ToImmutableDictionary(s => s.Name, s => s.Restarts, StringComparer.Ordinal) ?? ImmutableDictionary<string, int>.Empty;

    /// <summary>Looks at what was left.</summary>
    /// <param name="settings">The node.</param>
    /// <param name="plan">What it shall run.</param>
    /// <param name="file">The record.</param>
    /// <param name="boot">The present boot.</param>
    /// <param name="handover">From the program that this one has replaced, if it has.</param>
    /// <param name="log">Where doubts are told.</param>
    internal static Heritage Read(NodeSettings settings, NodePlan plan, StateFile file, string boot, Handover handover, ILogger log)
    {
        var heritage = new Heritage(new Estate(settings), plan, handover, log);
        heritage._kept = file.Read(out var fault);
        if (heritage._kept is { } kept)
        {
            heritage.Judge(kept, sameBoot: kept.Boot == boot);
        }
        else
        {
            heritage.Suspect(fault);
        }

        return heritage;
    }

    public void Dispose()
    {
        foreach (var child in _children.Concat(_leftovers))
        {
            child.Handle.Dispose();
        }
    }

    private void Judge(KeptNode kept, bool sameBoot)
    {
        foreach (var service in kept.Services)
        {
            foreach (var process in service.Processes)
            {
                var verdict = JudgeProcess(service, process, sameBoot, out var handle);
                if (_plan.Manifests.TryGetValue(service.Name, out var manifest) && process.Incarnation == service.Present)
                {
                    _found[service.Name] = Keep(manifest, service, process, verdict, handle);
                }
                else if (handle is not null)
                {
                    _log.LeftoverEnds(service.Name, process.Pid);
                    _leftovers.Add(new AdoptedChild(service.Name, process, handle));
                }
                else if (verdict.Verdict == TakeoverVerdict.HoldDown)
                {
                    _log.HeldDown(service.Name, process.Pid, verdict.Reason);
                }
            }
        }

        var because = _handover.Refused is { } refused ? $"the upgrade failed: {refused}; goes on as it was"
            : !_handover.IsEmpty ? "takes the place of an earlier supervisor"
            : sameBoot ? "takes over from an earlier supervisor" : "an earlier supervisor's record is of another boot of the machine";
        First = new NodeEvent.TakeOver(because, kept, sameBoot, _found.ToImmutableDictionary(StringComparer.Ordinal));
    }

    private Inheritance JudgeProcess(KeptService service, KeptProcess process, bool sameBoot, out ChildProcess? handle)
    {
        handle = null;
        if (!sameBoot)
        {
            return TakeoverJudge.Of(process.Pid, ProcessEvidence.None with { SameBoot = false });
        }

        var group = process.Group is { } kept ? ServiceGroup.TryAdopt(Estate.PlanOf(kept), kept.Name) : null;
        handle = ChildProcess.TryAdopt(process.Pid, process.StartTicks, group, out var gone);
        var marked = handle is not null && _estate.Marks(process.Pid, service.SocketInode);
        if (handle is not null && !marked)
        {
            // One that is just ending has let go of everything, and so has one that never passed its gate: a moment tells.
            gone = EndsSoon(handle);
            marked = !gone && _estate.Marks(process.Pid, service.SocketInode);
        }

        var evidence = new ProcessEvidence(true, !gone, handle is not null, process.Group is null ? null : group?.Holds(process.Pid) == true, marked);
        var verdict = TakeoverJudge.Of(process.Pid, evidence);
        if (verdict.Verdict != TakeoverVerdict.Adopt)
        {
            handle?.Dispose();
            handle = null;
            EmptyGroup(group, verdict);
        }

        return verdict;
    }

    private static bool EndsSoon(ChildProcess process)
    {
        using var epoll = new Epoll();
        epoll.Add(process.Handle.Number, EpollEvents.Readable, 1);
        return epoll.Wait(new EpollReady[1], (int)DyingPatience.TotalMilliseconds) == 1;
    }

    /// <summary>What a process that is gone has left in its group would meet its successor. The kernel knows the group, so no stranger is hit.</summary>
    private static void EmptyGroup(ServiceGroup? group, Inheritance verdict)
    {
        if (group is not null && verdict.Verdict == TakeoverVerdict.Gone)
        {
            group.Kill();
            _ = group.TryRemove();
        }
    }

    private Inheritance Keep(ServiceManifest manifest, KeptService service, KeptProcess process, Inheritance verdict, ChildProcess? handle)
    {
        if (handle is null)
        {
            if (verdict.Verdict == TakeoverVerdict.HoldDown)
            {
                _log.HeldDown(service.Name, process.Pid, verdict.Reason);
            }

            return verdict;
        }

        _children.Add(new AdoptedChild(service.Name, process, handle));
        RenewLimits(manifest, handle.Group);
        if (manifest.EffectiveSocketName is null)
        {
            return verdict;
        }

        string? fault = null;
        var listener = _handover.TakeListener(service.Name, _estate.PathOf(manifest)) ?? _estate.TakeListener(manifest, service, handle, out fault);
        if (listener is not null)
        {
            _listeners.Add(service.Name, listener);
        }
        else
        {
            _log.SocketLost(service.Name, process.Pid, fault!);
        }

        return TakeoverJudge.WithSocket(verdict, fault);
    }

    private void RenewLimits(ServiceManifest manifest, ServiceGroup? group)
    {
        if (group is { Mechanism: LimitMechanism.Cgroup2 } && SpawnLimits.Choose(manifest.Limits, () => group.Plan, runsAsRoot: false).Whole is { } limits
            && group.TryRenew(limits) is { } fault)
        {
            _log.LimitsNotRenewed(manifest.Name, fault);
        }
    }

    /// <summary>Without a record nobody can be proved; who bears the node's mark is left alone, and its service stays down.</summary>
    private void Suspect(string? fault)
    {
        if (fault is not null)
        {
            _log.StateUnusable(StateFile.Name, fault);
        }

        foreach (var (service, pid) in _estate.Suspects())
        {
            var verdict = TakeoverJudge.OfUnrecorded(pid, fault is null ? "there is none" : $"it {fault}");
            _log.HeldDown(service, pid, verdict.Reason);
            if (_plan.Manifests.ContainsKey(service))
            {
                _found.TryAdd(service, verdict);
            }
        }

        if (_found.Count > 0)
        {
            First = new NodeEvent.TakeOver("an earlier supervisor left processes and no record of them", null, true, _found.ToImmutableDictionary(StringComparer.Ordinal));
        }
    }
}
