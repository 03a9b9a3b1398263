using System.Collections.Immutable;

namespace Strata.Supervision;

/// <summary>What one event led to.</summary>
/// <param name="State">The state of the node afterwards.</param>
/// <param name="Effects">What the edge has to do, in this order.</param>
/// <param name="Result">The answer to a command; Ok for every other event.</param>
public sealed record Step(NodeState State, ImmutableArray<Effect> Effects, CommandResult Result);
