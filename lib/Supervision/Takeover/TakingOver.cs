namespace Strata.Supervision;

/// <summary>Begins a node with what an earlier supervisor has left.</summary>
internal static class TakingOver
{
    internal static void Begin(NodeTransaction node, NodeEvent.TakeOver taken)
    {
        if (node.State.ShuttingDown)
        {
            return;
        }

        node.Change(state => state with { HasStarted = true });
        node.Log(EventKind.NodeStarting, $"the node starts; {taken.Because}");
        // Where an operator was faster, what he wanted holds, and nothing is made of what was left.
        var order = node.State.Plan.Graph.StartOrder.Where(name => node.State.Services[name].State == ServiceState.Declared).ToList();
        if (taken.Kept is { } kept)
        {
            var gone = kept.Services.Where(service => !node.State.Services.ContainsKey(service.Name)).Select(service => service.Incarnation);
            node.Change(state => state with { LastIncarnation = gone.Append(kept.LastIncarnation).Max() });
        }

        // All first: what follows for one may depend on how the others are.
        foreach (var name in order)
        {
            Restore(node, name, taken);
        }

        foreach (var name in order)
        {
            Follow(node, name, taken);
        }
    }

    private static void Restore(NodeTransaction node, string name, NodeEvent.TakeOver taken)
    {
        var before = node.State.Services[name];
        var found = taken.Found.GetValueOrDefault(name);
        var after = taken.Kept?.Of(name) is { } record ? RestoredStatus.Of(before, record, found, taken, node.Now)
            : found is { Verdict: TakeoverVerdict.HoldDown } ? before with { State = ServiceState.Stopped, Because = found.Reason }
            : before;
        if (ReferenceEquals(after, before))
        {
            return;
        }

        node.Change(state => state with { Services = state.Services.SetItem(name, after) });
        if (after.State != ServiceState.Declared)
        {
            var cause = found is { Verdict: TakeoverVerdict.Adopt } ? after.Because : $"{after.Because}; known from an earlier supervisor";
            node.Log(EventKind.TakenOver, after.State == ServiceState.Stopped && found is not null ? after.Because : cause, after, after);
        }
    }

    private static void Follow(NodeTransaction node, string name, NodeEvent.TakeOver taken)
    {
        var service = node.State.Services[name];
        if (service.State == ServiceState.Declared)
        {
            NodeMachine.Bring(node, name, "the node starts");
            return;
        }

        if (service.Process is not { } process)
        {
            return;
        }

        if (process.Pid is null || taken.Found.GetValueOrDefault(name) is not { Verdict: TakeoverVerdict.Adopt or TakeoverVerdict.Replace })
        {
            ProcessNews.Deliver(node, new NodeEvent.Exited(name, process.Incarnation, ExitStatus.Unknown));
        }
        else if (service.State is ServiceState.Stopping or ServiceState.Crashed)
        {
            // Whether it was asked already cannot be known; asking twice does no harm.
            var what = service.Timer is { Kind: TimerKind.Kill } ? ProcessSignal.Kill : ProcessSignal.Terminate;
            node.Do(new Effect.Signal(name, process.Incarnation, process.Pid.Value, what, service.Manifest.StopSignal));
        }
    }
}
