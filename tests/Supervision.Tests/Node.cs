using System.Collections.Immutable;

namespace Strata.Supervision.Tests;

/// <summary>A node under test with a manual clock: every method is one event, and the effects it led to are kept.</summary>
internal sealed class Node
{
    private static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    internal Node(params ServiceManifest[] manifests)
    {
        Assert.True(NodePlan.TryCreate(manifests, out var plan, out var faults), string.Join("; ", faults));
        State = NodeMachine.Create(plan, 1, Now);
    }

    internal NodeState State { get; private set; }

    internal TimeSpan Clock { get; private set; } = TimeSpan.FromHours(1);

    internal TimeSpan WallSkew { get; set; }

    internal NodeTime Now => new(Clock, Epoch + Clock + WallSkew);

    internal ImmutableArray<Effect> Effects { get; private set; } = [];

    internal ServiceStatus this[string name] => State.Services[name];

    internal static ServiceManifest Service(string name, params string[] requires) =>
        new() { Name = name, Program = "/bin/" + name, Requires = [.. requires] };

    /// <summary>A node whose services are all Healthy.</summary>
    internal static Node Running(params ServiceManifest[] manifests)
    {
        var node = new Node(manifests);
        node.Apply(new NodeEvent.StartAll());
        foreach (var name in node.State.Plan.Graph.StartOrder)
        {
            node.ComeUp(name);
        }

        return node;
    }

    internal CommandResult Apply(NodeEvent happened)
    {
        var step = NodeMachine.Apply(State, happened, Now);
        State = step.State;
        Effects = step.Effects;
        return step.Result;
    }

    internal void Spawned(string name) => Apply(new NodeEvent.Spawned(name, this[name].Incarnation, PidOf(name)));

    internal void Ready(string name) => Apply(new NodeEvent.Ready(name, this[name].Incarnation));

    internal void ComeUp(string name)
    {
        Spawned(name);
        Ready(name);
        Assert.Equal(ServiceState.Healthy, this[name].State);
    }

    internal void Exits(string name, int code = 1) =>
        Apply(new NodeEvent.Exited(name, this[name].Incarnation, ExitStatus.WithCode(code)));

    internal CommandResult Start(string name) => Apply(new NodeEvent.Start(name));

    internal CommandResult Stop(string name, int? drainMs = null) =>
        Apply(new NodeEvent.Stop(name, drainMs is { } ms ? TimeSpan.FromMilliseconds(ms) : null));

    internal CommandResult Restart(string name) => Apply(new NodeEvent.Restart(name));

    /// <summary>Declares these services, and nobody else, from now on.</summary>
    internal CommandResult Reconfigure(params ServiceManifest[] manifests)
    {
        Assert.True(NodePlan.TryCreate(manifests, out var plan, out var faults), string.Join("; ", faults));
        return Apply(new NodeEvent.Reconfigure(plan));
    }

    internal void Shutdown() => Apply(new NodeEvent.Shutdown("test"));

    internal void Pass(TimeSpan time) => Clock += time;

    internal void Tick() => Apply(new NodeEvent.Tick());

    /// <summary>Moves the clock to the next deadline and delivers it; returns how long that was.</summary>
    internal TimeSpan ToDeadline()
    {
        var due = State.NextDeadline;
        Assert.NotNull(due);
        var wait = due.Value - Clock;
        Clock = due.Value;
        Tick();
        return wait;
    }

    /// <summary>From any state without a process back to Healthy.</summary>
    internal void Recover(string name)
    {
        Assert.Equal(ServiceState.Restarting, this[name].State);
        Clock = this[name].Timer!.Value.Due;
        Tick();
        ComeUp(name);
    }

    internal bool Did<T>(Func<T, bool>? match = null)
        where T : Effect => Effects.OfType<T>().Any(match ?? (_ => true));

    internal Explanation Explain(string name) => Explainer.Explain(State, name, Now)!;

    internal int PidOf(string name) => 1000 + this[name].Incarnation;
}
