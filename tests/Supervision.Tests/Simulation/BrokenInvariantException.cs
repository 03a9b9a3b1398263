namespace Strata.Supervision.Tests.Simulation;

/// <summary>The core did what it never may.</summary>
public sealed class BrokenInvariantException(string message) : Exception(message);
