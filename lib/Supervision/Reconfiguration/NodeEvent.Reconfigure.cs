namespace Strata.Supervision;

public abstract partial record NodeEvent
{
    /// <summary>
    /// The operator wants another configuration: added services are started, removed ones stopped and forgotten, changed ones
    /// adjusted or restarted, all others left alone. The edge has bound the sockets of the new ones before.
    /// </summary>
    /// <param name="Plan">What shall be declared from now on.</param>
    public sealed record Reconfigure(NodePlan Plan) : NodeEvent;
}
