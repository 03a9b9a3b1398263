namespace Strata.Hosting;

/// <summary>What a program knows of formats.</summary>
/// <param name="Current">The one it reads and writes.</param>
/// <param name="Steps">How older ones are brought forward: the first from format 1 to 2, one for every format before the current.</param>
internal sealed record StateForms(int Current, IReadOnlyList<StateMigration> Steps);
