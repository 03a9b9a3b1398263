namespace Strata.Supervision;

/// <summary>A method as its service describes it.</summary>
/// <param name="Name">Its full name.</param>
/// <param name="Access"><c>open</c>, <c>right</c>, <c>right_or_authority</c>, <c>authority</c> or <c>holder</c>.</param>
/// <param name="Right">The right it asks for; null for none.</param>
public sealed record RouteMethod(string Name, string Access, string? Right);
