namespace Strata.Identity.Tests;

/// <summary>
/// Tests that start processes run by themselves: between fork and exec a child holds every lock of this one, and whoever opens a directory
/// again in that moment finds it taken.
/// </summary>
[CollectionDefinition(nameof(StartsProcesses), DisableParallelization = true)]
public sealed class StartsProcesses;
