using System.Collections.Immutable;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>A configuration that was read, with everything that can be known of it without running it.</summary>
/// <param name="Plan">What it declares; null when there are faults.</param>
/// <param name="Programs">The path of every service's program.</param>
/// <param name="Faults">Why it cannot be run; empty when it can.</param>
/// <param name="Locate">Gives a fault that is found later its place.</param>
internal sealed record CheckedConfiguration(
    NodePlan? Plan, IReadOnlyDictionary<string, string> Programs, ImmutableArray<LocatedFault> Faults, Func<ManifestFault, LocatedFault> Locate);
