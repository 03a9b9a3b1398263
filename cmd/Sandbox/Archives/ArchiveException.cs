namespace Strata.Sandbox;

/// <summary>An archive that is damaged, tries what none may, or is beyond a bound. The message names the entry and says what is wrong.</summary>
internal sealed class ArchiveException(string message) : Exception(message);
