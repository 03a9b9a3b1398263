namespace Strata.Supervision;

/// <summary>The answer to an operator's command.</summary>
/// <param name="Status">Accepted, or why not.</param>
/// <param name="Message">What was decided, or what was wrong and what to do; empty when there is nothing to say.</param>
public sealed record CommandResult(CommandStatus Status, string Message)
{
    /// <summary>Accepted, with nothing more to say.</summary>
    public static CommandResult Ok { get; } = new(CommandStatus.Ok, "");
}
