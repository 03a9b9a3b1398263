namespace Strata.Supervision;

/// <summary>The control group of a process.</summary>
/// <param name="Version">1 or 2.</param>
/// <param name="Name">Its name below the directories.</param>
/// <param name="Memory">Directory of the hierarchy that limits memory; null when none does.</param>
/// <param name="Cpu">The one that limits processor time.</param>
/// <param name="Processes">The one that limits processes.</param>
/// <param name="Unified">The unified one.</param>
public sealed record KeptGroup(int Version, string Name, string? Memory, string? Cpu, string? Processes, string? Unified);
