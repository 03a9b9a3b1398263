using System.Collections.Immutable;

namespace Strata.Supervision;

/// <summary>What a new configuration means for one service.</summary>
/// <param name="Name">The service.</param>
/// <param name="Kind">What becomes of it.</param>
/// <param name="Fields">Paths of the fields that differ, in the order of the table of fields; empty unless it is declared before and after.</param>
/// <param name="With">The changed service that it follows; null unless it follows one.</param>
public sealed record ServiceChange(string Name, ChangeKind Kind, ImmutableArray<string> Fields, string? With = null);
