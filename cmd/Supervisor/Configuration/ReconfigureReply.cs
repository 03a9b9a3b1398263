using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>What became of another configuration.</summary>
/// <param name="Result">The machine's answer.</param>
/// <param name="Before">The node before it.</param>
/// <param name="After">The node after it; the same when it was refused.</param>
/// <param name="Faults">Sockets that cannot be bound; it was refused when there are any.</param>
internal sealed record ReconfigureReply(CommandResult Result, NodeState Before, NodeState After, IReadOnlyList<ManifestFault> Faults);
