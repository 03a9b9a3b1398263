namespace Strata.Hosting;

/// <summary>Brings state from one format to the next.</summary>
/// <param name="What">What it changes, for the log.</param>
/// <param name="Apply">
/// Does it, given the state directory's path. It may be cut short at any instant and is then begun again from the start: a step must bear its own beginnings,
/// and leave every file either as it was or as it will be.
/// </param>
internal sealed record StateMigration(string What, Action<string> Apply);
