namespace Strata.Sandbox;

/// <summary>What a session's shell said after a command.</summary>
/// <param name="Code">The command's status.</param>
/// <param name="Directory">Where the shell is; null when it said nothing usable.</param>
/// <param name="Environment">Its exported variables, as commands that set them again; null when they are more than is kept.</param>
internal sealed record ShellStatus(int Code, string? Directory, byte[]? Environment);
