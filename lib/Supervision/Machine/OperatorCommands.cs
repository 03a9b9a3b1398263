namespace Strata.Supervision;

/// <summary>The operator's commands: checked, fed to the table, and answered.</summary>
internal static class OperatorCommands
{
    internal static CommandResult ShuttingDown { get; } = new(CommandStatus.Unavailable, "the node is shutting down");

    internal static CommandResult Start(NodeTransaction node, NodeEvent.Start command) =>
        Run(node, command.Name, ServiceEvent.Start, new Facts("the operator started it", Wanted: true));

    internal static CommandResult Restart(NodeTransaction node, NodeEvent.Restart command) =>
        Run(node, command.Name, ServiceEvent.Restart, new Facts("the operator restarts it", Wanted: true, Drain: command.Drain));

    internal static CommandResult Stop(NodeTransaction node, NodeEvent.Stop command) =>
        Run(node, command.Name, ServiceEvent.Stop, new Facts("the operator stopped it", Wanted: false, Drain: command.Drain));

    /// <summary>What is wrong with a command for any state of the service; null when nothing is.</summary>
    internal static CommandResult? FaultOf(NodeTransaction node, string name, TimeSpan? drain)
    {
        if (drain is { } time && (time < TimeSpan.Zero || time > ManifestLimits.MaxDrain))
        {
            return new CommandResult(CommandStatus.Invalid, $"drain must be 0 to {Words.Duration(ManifestLimits.MaxDrain)}");
        }

        return node.State.Services.ContainsKey(name)
            ? null
            : new CommandResult(CommandStatus.NotFound, $"no such service{NearestName.Hint(name, node.State.Services.Keys)}");
    }

    private static CommandResult Run(NodeTransaction node, string name, ServiceEvent occurred, Facts facts)
    {
        if (FaultOf(node, name, facts.Drain) is { } fault)
        {
            return fault;
        }

        // Stopping what is stopping anyway does no harm; bringing something up would race with the shutdown.
        if (node.State.ShuttingDown && facts.Wanted == true)
        {
            return ShuttingDown;
        }

        if (node.State.Services[name].Leaving && facts.Wanted == true)
        {
            return new CommandResult(CommandStatus.Conflict, $"{name} is stopping for good: its manifest was removed; put it back and apply the configuration");
        }

        var transition = node.Fire(name, occurred, facts);
        return transition.Kind == TransitionKind.Refuse
            ? new CommandResult(CommandStatus.Conflict, $"{name} {transition.Refusal}")
            : Accepted(node, name);
    }

    private static CommandResult Accepted(NodeTransaction node, string name)
    {
        var service = node.State.Services[name];
        var waits = service.Phase == ServicePhase.AwaitingDependencies && !Dependencies.BlockersOf(node.State, name).IsEmpty;
        return waits ? new CommandResult(CommandStatus.Ok, $"{name} {NextStep.Of(node.State, service).Text}") : CommandResult.Ok;
    }
}
