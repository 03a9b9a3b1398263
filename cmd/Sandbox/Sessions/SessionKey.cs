namespace Strata.Sandbox;

/// <summary>Whose session it is and what that owner calls it: a pair, never one joined text, so that no spelling of one is another.</summary>
/// <param name="Owner">The subject of the capability it was made by.</param>
/// <param name="Name">Its name, exactly as given.</param>
internal readonly record struct SessionKey(string Owner, string Name);
