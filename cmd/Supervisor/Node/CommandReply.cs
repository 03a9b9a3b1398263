using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>The machine's answer to a command.</summary>
/// <param name="Result">Accepted, or why not.</param>
/// <param name="After">The state that followed at once.</param>
/// <param name="Sequence">The last event before the command; what it led to has greater numbers.</param>
internal sealed record CommandReply(CommandResult Result, NodeState After, long Sequence);
