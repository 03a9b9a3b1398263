using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>Reads the event log for followers.</summary>
internal static class EventPages
{
    /// <summary>Records from a number on; null while there are none.</summary>
    internal static EventLogPage? After(NodeSnapshot node, long next) =>
        next <= node.State.Log.LastSequence ? node.State.Log.Read(next) : null;
}
