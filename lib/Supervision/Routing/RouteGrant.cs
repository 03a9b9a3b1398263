using System.Collections.Immutable;

namespace Strata.Supervision;

/// <summary>What a manifest gives a service on one other.</summary>
/// <param name="Place">Where it says so.</param>
/// <param name="Rights">Each right and its place.</param>
/// <param name="PathPrefix">The folder beneath which paths must lie; null for none.</param>
/// <param name="RateLimit">Calls a second; null for no limit.</param>
public sealed record RouteGrant(string Place, ImmutableArray<(string Right, string Place)> Rights, string? PathPrefix, string? RateLimit);
