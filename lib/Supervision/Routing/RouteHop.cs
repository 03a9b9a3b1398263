namespace Strata.Supervision;

/// <summary>One thing on the way from a service to a method.</summary>
/// <param name="Name">What it is: target, method, manifest, capability, constraints, socket, confinement.</param>
/// <param name="Passes">Whether it lets the call through; null when that is not known.</param>
/// <param name="Text">What was found, in words.</param>
/// <param name="Place">The line that decides, FILE:LINE:COLUMN; null when no manifest does.</param>
public sealed record RouteHop(string Name, bool? Passes, string Text, string? Place = null);
