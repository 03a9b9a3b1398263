using System.Collections.Immutable;

namespace Strata.Supervision;

/// <summary>
/// The scratch pad of one call of <see cref="NodeMachine.Apply"/>: feeds events through the table, collects effects and
/// appends to the log. Lives only inside that call, so the machine as a whole stays a pure function.
/// </summary>
internal sealed class NodeTransaction
{
    private readonly ImmutableArray<Effect>.Builder _effects = ImmutableArray.CreateBuilder<Effect>();

    internal NodeTransaction(NodeState state, NodeTime now)
    {
        // A caller whose clock reads went out of order must not make time run backwards.
        Now = now.Monotonic < state.Now.Monotonic ? now with { Monotonic = state.Now.Monotonic } : now;
        State = state with { Now = Now };
    }

    internal NodeTime Now { get; }

    internal NodeState State { get; private set; }

    internal ImmutableArray<Effect> Effects => _effects.ToImmutable();

    internal void Do(Effect effect) => _effects.Add(effect);

    internal void Change(Func<NodeState, NodeState> change) => State = change(State);

    internal double DrawJitter()
    {
        var (fraction, next) = State.Jitter.Draw();
        State = State with { Jitter = next };
        return fraction;
    }

    /// <summary>Feeds one event of one service through the table, and the decision that follows when its process is gone.</summary>
    internal Transition Fire(string name, ServiceEvent occurred, Facts facts)
    {
        var was = State.Services[name].State;
        var transition = Take(name, occurred, facts);
        var crashed = was != ServiceState.Crashed && State.Services[name].State == ServiceState.Crashed;
        if (State.Services[name] is { Process: null, State: ServiceState.Stopping or ServiceState.Crashed } service)
        {
            var (decision, because) = Decide(service);
            Take(name, decision, new Facts(because));
        }

        if (crashed && !State.ShuttingDown && State.Services[name].Manifest.Restart != RestartPolicy.Never)
        {
            RestartWith(name);
        }

        return transition;
    }

    // Those without a process have nothing to restart; they wait for what they require anyway.
    private void RestartWith(string crashed)
    {
        foreach (var name in State.Plan.Graph.RestartedWith(crashed).Where(name => State.Services[name].Process is not null))
        {
            Take(name, ServiceEvent.Follow, new Facts($"restarts with {crashed}, which crashed"));
        }
    }

    internal void Log(EventKind kind, string cause, ServiceStatus? before = null, ServiceStatus? after = null)
    {
        var next = after is null ? new NextStep("", null) : NextStep.Of(State, after);
        var record = new EventRecord
        {
            Sequence = State.Log.LastSequence + 1,
            At = Now,
            Kind = kind,
            Service = after?.Name,
            From = before?.State,
            To = after?.State,
            Incarnation = after?.Incarnation ?? 0,
            // No recorded step brings a pid: that a spawn is confirmed is not one.
            Pid = before?.Pid,
            Cause = cause,
            Crash = after?.State == ServiceState.Crashed && before?.State != ServiceState.Crashed ? after.LastCrash?.Cause : null,
            Next = next.Text,
            NextAt = next.Due is { } due ? Now.WallAt(due) : null,
        };
        State = State with { Log = State.Log.Append(record) };
        Do(new Effect.Emit(record));
    }

    private static (ServiceEvent Decision, string Because) Decide(ServiceStatus service)
    {
        if (!service.Wanted)
        {
            return (ServiceEvent.Rest, service.State == ServiceState.Crashed ? "stays down: the node shuts down" : service.Because);
        }

        if (service.State == ServiceState.Stopping && service.Manifest.Kind == ServiceKind.Timer && service.Schedule is null)
        {
            // It has just become a timer; what ended was not one of its runs.
            return (ServiceEvent.AwaitTime, service.Because);
        }

        if (service.State == ServiceState.Stopping)
        {
            return (ServiceEvent.Resume, service.Because);
        }

        var crash = service.LastCrash!.Cause.Text;
        if (service.Manifest.Kind == ServiceKind.Timer
            && (service.Manifest.Restart != RestartPolicy.OnFailure || service.RecentCrashes.Length >= service.Manifest.Quarantine.Crashes))
        {
            return (ServiceEvent.AwaitTime, crash);
        }

        if (service.Manifest.Restart == RestartPolicy.Never)
        {
            return (ServiceEvent.Rest, $"{crash}; its restart policy {Words.Of(RestartPolicy.Never)} leaves it down");
        }

        var policy = service.Manifest.Quarantine;
        return service.RecentCrashes.Length >= policy.Crashes
            ? (ServiceEvent.GiveUp, $"{Words.Count(policy.Crashes, "crash")} within {Words.Duration(policy.Window)}, the last because it {crash}")
            : (ServiceEvent.Resume, crash);
    }

    private Transition Take(string name, ServiceEvent occurred, Facts facts)
    {
        var before = State.Services[name];
        var transition = TransitionTable.Lookup(before.State, occurred);
        if (transition.Kind != TransitionKind.Move)
        {
            return transition;
        }

        var intended = facts.Wanted is { } wanted ? before with { Wanted = wanted } : before;
        var after = ServiceActions.Run(transition.Action, intended, facts, this);
        var moved = transition.Next != before.State;
        after = moved ? after with { State = transition.Next, Since = Now, Because = facts.Because } : after;
        after = transition.Action == ServiceAction.ShortenDrain ? after with { Because = facts.Because } : after;
        State = State with { Services = State.Services.SetItem(name, after) };
        Registrations.Follow(this, before, after);
        Timers.Follow(this, before, after);
        if (moved || transition.Action == ServiceAction.Kill)
        {
            Log(moved ? EventKind.StateChanged : EventKind.ProcessKilled, facts.Because, before, after);
        }

        if (moved && before.State == ServiceState.Listening && occurred != ServiceEvent.Connected)
        {
            Do(new Effect.IgnoreConnections(name));
        }

        if (moved)
        {
            // A new instance comes up beside a Healthy one alone.
            RollingRestarts.GiveUp(this, name, $"the one it should replace is {after.State}");
        }

        return transition;
    }
}
