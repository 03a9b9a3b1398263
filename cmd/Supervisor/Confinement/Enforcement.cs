using System.Collections.Immutable;

namespace Strata.Supervisor;

/// <summary>What is in force for a service.</summary>
/// <param name="Limits">What enforces its limits.</param>
/// <param name="Confinement">What it is kept from, in words.</param>
/// <param name="Lacking">What of its confinement this machine does not offer.</param>
/// <param name="Denied">How often what was denied to it.</param>
internal sealed record Enforcement(string Limits, string Confinement, ImmutableArray<string> Lacking, IReadOnlyDictionary<string, long> Denied);
