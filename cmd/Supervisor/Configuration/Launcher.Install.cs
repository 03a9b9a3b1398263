using Strata.Supervision;

namespace Strata.Supervisor;

internal sealed partial class Launcher
{
    /// <summary>Makes ready for another configuration: all of it, or, when there are faults, nothing. Belongs to the node's loop.</summary>
    /// <returns>Why its sockets cannot be bound; empty when they are.</returns>
    internal IReadOnlyList<ManifestFault> Install(CheckedConfiguration next)
    {
        var plan = next.Plan!;
        var faults = sockets.Change(plan);
        if (faults.Count == 0)
        {
            _programs = next.Programs;
            Places.Locate = next.Locate;
            environment.Declare([NodePlan.SupervisorName, .. plan.Graph.StartOrder]);
            foreach (var manifest in plan.Manifests.Values)
            {
                logs.Use(manifest);
            }
        }

        return faults;
    }

    /// <summary>A removed service has stopped.</summary>
    internal void Forget(string name)
    {
        sockets.Release(name);
        logs.Forget(name);
    }
}
